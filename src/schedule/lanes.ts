// The two kinds of lane: this very thread, which costs nothing to start, and worker threads.

import { Worker } from "node:worker_threads";
import { assert, ManifoldError } from "../base/index.ts";
import type { Lane } from "./scheduler.ts";
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

/**
 * A lane on the calling thread. Each bundle runs in its own turn of the event loop, so that results
 * of other lanes and signals are heard in between.
 */
export function inlineLane<Task, Result>(
  handler: LaneHandler<Task, Result>,
  { failed, news }: LaneListener<Result>,
): Lane<Task, Result> {
  return {
    isOwnThread: true,
    post: (tasks, done) => {
      setImmediate(() => {
        try {
          done(tasks.map((task) => handler.run(task, news)));
        } catch (error) {
          failed(error);
        }
      });
    },
    close: async () => handler.close(),
  };
}

/** What a worker lane sends back. */
type Reply<Result> =
  | { readonly results: readonly Result[] }
  | { readonly news: Result }
  | { readonly error: TravellingError };

/** A lane in a worker thread that runs `url`, which must call serveLane. `setup` is cloned to it. */
export function workerLane<Task, Result>(
  url: URL,
  setup: unknown,
  { failed, news }: LaneListener<Result>,
): Lane<Task, Result> {
  const worker = new Worker(url, { workerData: setup, stdin: false });
  const callbacks: Array<(results: readonly Result[]) => void> = [];
  let closing: (() => void) | undefined;
  let ended = false;
  worker.on("message", (reply: Reply<Result>) => {
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
    done(reply.results);
  });
  worker.on("error", (error) => failed(error));
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
