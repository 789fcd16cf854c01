// The two kinds of lane: this very thread, which costs nothing to start, and worker threads.

import { Worker } from "node:worker_threads";
import { assert, ManifoldError } from "../base/index.ts";
import { LaneMeter, type LaneTime, type ThreadPast } from "./lane-meter.ts";
import type { Lane } from "./scheduler-context.ts";
import { type TravellingError, unpackError } from "./travelling-error.ts";

/** Runs tasks; one per lane, made by the lane's thread. */
export interface LaneHandler<Task, Result> {
  /** Runs a task; `tell` sends news of it ahead of its result. */
  run(task: Task, tell: (news: Result) => void): Result;
  /** Releases what the handler holds. */
  close(): void;
}

/** Who hears of a lane besides the owner of its tasks. */
export interface LaneListener<Result> {
  /** Something escaped the handler, or the lane has died. */
  readonly failed: (error: unknown) => void;
  /** News of a task that is under way. */
  readonly news: (news: Result) => void;
}

type Done<Result> = (results: readonly Result[], time?: LaneTime) => void;

/** A turn of the event loop takes no task more when it has lasted so long: signals are waiting to be heard. */
export const turnMsMax = 5;

/**
 * A lane on the calling thread. A bundle runs in turns of the event loop, so that results of other lanes and signals
 * are heard in between. `now` gives milliseconds. With `watch` the lane tells how much of its time it waits.
 */
export function inlineLane<Task, Result>(
  handler: LaneHandler<Task, Result>,
  { failed, news }: LaneListener<Result>,
  now: () => number,
  watch?: () => ThreadPast,
): Lane<Task, Result> {
  const meter = watch && new LaneMeter(watch, now);
  let bundles = 0;
  let closing: (() => void) | undefined;
  const runBundle = (tasks: readonly Task[], done: Done<Result>): void => {
    const results: Result[] = [];
    bundles++;
    const turn = (): void => {
      try {
        const end = now() + turnMsMax;
        const work = (): void => {
          for (const task of tasks.slice(results.length)) {
            results.push(handler.run(task, news));
            if (now() >= end) break;
          }
        };
        if (meter === undefined) work();
        else meter.measure(work);
        if (results.length < tasks.length) {
          setImmediate(turn);
          return;
        }
        done(results, meter?.time);
      } catch (error) {
        failed(error);
      }
      bundles--;
      if (bundles === 0) closing?.();
    };
    setImmediate(turn);
  };
  return {
    isOwnThread: true,
    post: runBundle,
    close: async () => {
      if (bundles > 0) await new Promise<void>((resolve) => (closing = resolve));
      handler.close();
    },
  };
}

/** What a worker lane sends back. */
type Reply<Result> =
  | { readonly results: readonly Result[]; readonly time?: LaneTime }
  | { readonly news: Result }
  | { readonly error: TravellingError };

/** A lane in a worker thread that runs `url`, which must call serveLane. `setup` is cloned to it. */
export function workerLane<Task, Result>(
  url: URL,
  setup: unknown,
  { failed, news }: LaneListener<Result>,
): Lane<Task, Result> {
  // A lane says nothing by itself. To hand on what it says, Node would open this process's standard output, and fails (EEXIST)
  // where that is a channel of ours on which something waits to be written; so it does for standard error.
  const worker = new Worker(url, { workerData: setup, stdin: false, stdout: true, stderr: true });
  const callbacks: Array<(results: readonly Result[], time?: LaneTime) => void> = [];
  let closing: (() => void) | undefined;
  let ended = false;
  const hear = (reply: Reply<Result>): void => {
    if ("news" in reply) {
      news(reply.news);
      return;
    }
    if ("error" in reply) {
      failed(unpackError(reply.error));
      return;
    }
    const done = callbacks.shift();
    assert(done !== undefined, "A worker answers each bundle once.");
    done(reply.results, reply.time);
  };
  worker.on("message", (reply: Reply<Result>) => {
    try {
      hear(reply);
    } catch (error) {
      // The owner's own trouble with an answer ends the run like any other, not the process.
      failed(error);
    }
  });
  worker.on("messageerror", (error) => failed(error));
  worker.on("error", (error) => failed(whyItDied(error)));
  worker.on("exit", (code) => {
    ended = true;
    if (closing !== undefined) closing();
    else
      failed(new ManifoldError("lane", `A worker thread ended unexpectedly with status ${code}`));
  });
  return {
    post: (tasks, done) => {
      callbacks.push(done);
      worker.postMessage(tasks);
    },
    close: () =>
      new Promise((resolve) => {
        if (ended) resolve();
        closing = resolve;
        worker.postMessage(null);
      }),
  };
}

/** What happens to a thread as such is the machine's trouble; anything else that it could not catch is a bug. */
function whyItDied(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_WORKER_OUT_OF_MEMORY") {
    return new ManifoldError("memory", "A worker thread ran out of memory", { cause: error });
  }
  if (code !== "ERR_WORKER_INIT_FAILED" || !(error instanceof Error)) return error;
  const message = `A worker thread could not be started: ${error.message}`;
  return new ManifoldError("lane", message, { cause: error });
}
