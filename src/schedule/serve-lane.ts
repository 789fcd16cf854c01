// The worker thread's side of a lane.

import { parentPort, workerData } from "node:worker_threads";
import { assert, systemClock } from "../base/index.ts";
import { LaneMeter, type ThreadPast } from "./lane-meter.ts";
import type { LaneHandler } from "./lanes.ts";
import { packError } from "./travelling-error.ts";

/**
 * Serves bundles until the other side closes the lane. The handler is made from the setup that
 * workerLane was given. An error that escapes the handler is sent back and ends the run. With `watch` the lane tells
 * how much of its time it waits.
 */
export function serveLane<Setup, Task, Result>(
  makeHandler: (setup: Setup) => LaneHandler<Task, Result>,
  watch?: () => ThreadPast,
  prepare?: (setup: Setup) => Promise<void>,
): void {
  assert(parentPort !== null, "serveLane runs in a worker thread.");
  const port = parentPort;
  const meter = watch && new LaneMeter(watch, () => systemClock.now());
  let handler: LaneHandler<Task, Result> | undefined;
  const serve = (tasks: readonly Task[] | null): void => {
    if (tasks === null) {
      handler?.close();
      port.close();
      return;
    }
    try {
      handler ??= makeHandler(workerData as Setup);
      const serving = handler;
      const tell = (news: Result): void => port.postMessage({ news });
      const run = (): Result[] => tasks.map((task) => serving.run(task, tell));
      port.postMessage(
        meter ? { results: meter.measure(run), time: meter.time } : { results: run() },
      );
    } catch (error) {
      port.postMessage({ error: packError(error) });
    }
  };
  let preparing = prepare?.(workerData as Setup);
  preparing?.then(
    () => {
      preparing = undefined;
    },
    (error) => port.postMessage({ error: packError(error) }),
  );
  port.on("message", (tasks: readonly Task[] | null) => {
    if (preparing === undefined) serve(tasks);
    else
      preparing.then(
        () => serve(tasks),
        () => port.close(),
      );
  });
}
