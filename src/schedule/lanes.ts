// The two kinds of lane: this very thread, which costs nothing to start, and worker threads.

import { Worker } from "node:worker_threads";
import { assert, ManifoldError } from "../base/index.ts";
import type { Lane } from "./scheduler.ts";
import { type TravellingError, unpackError } from "./travelling-error.ts";

/** Runs tasks; one per lane, made by the lane's thread. */
export interface LaneHandler<Task, Result> {
  run(task: Task): Result;
  /** Releases what the handler holds. */
  close(): void;
}

/**
 * A lane on the calling thread. Each bundle runs in its own turn of the event loop, so that results
 * of other lanes and signals are heard in between.
 */
export function inlineLane<Task, Result>(
  handler: LaneHandler<Task, Result>,
  onError: (error: unknown) => void,
): Lane<Task, Result> {
  return {
    post: (tasks, done) => {
      setImmediate(() => {
        try {
          done(tasks.map((task) => handler.run(task)));
        } catch (error) {
          onError(error);
        }
      });
    },
    close: async () => handler.close(),
  };
}

/** What a worker lane sends back. */
type Reply<Result> = { readonly results: readonly Result[] } | { readonly error: TravellingError };

/** A lane in a worker thread that runs `url`, which must call serveLane. `setup` is cloned to it. */
export function workerLane<Task, Result>(
  url: URL,
  setup: unknown,
  onError: (error: unknown) => void,
): Lane<Task, Result> {
  const worker = new Worker(url, { workerData: setup, stdin: false });
  const callbacks: Array<(results: readonly Result[]) => void> = [];
  let closing: (() => void) | undefined;
  let ended = false;
  worker.on("message", (reply: Reply<Result>) => {
    if ("error" in reply) {
      onError(unpackError(reply.error));
      return;
    }
    const done = callbacks.shift();
    assert(done !== undefined, "A worker answers each bundle once.");
    done(reply.results);
  });
  worker.on("error", (error) => onError(error));
  worker.on("exit", (code) => {
    ended = true;
    if (closing !== undefined) closing();
    else
      onError(new ManifoldError("lane", `A worker thread ended unexpectedly with status ${code}`));
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
