// The worker thread's side of a lane.

import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/index.ts";
import type { LaneHandler } from "./lanes.ts";
import { packError } from "./travelling-error.ts";

/**
 * Serves bundles until the other side closes the lane. The handler is made from the setup that
 * workerLane was given. An error that escapes the handler is sent back and ends the run.
 */
export function serveLane<Setup, Task, Result>(
  makeHandler: (setup: Setup) => LaneHandler<Task, Result>,
): void {
  assert(parentPort !== null, "serveLane runs in a worker thread.");
  const port = parentPort;
  let handler: LaneHandler<Task, Result> | undefined;
  port.on("message", (tasks: readonly Task[] | null) => {
    if (tasks === null) {
      handler?.close();
      port.close();
      return;
    }
    try {
      handler ??= makeHandler(workerData as Setup);
      const serving = handler;
      const tell = (news: Result): void => port.postMessage({ news });
      port.postMessage({ results: tasks.map((task) => serving.run(task, tell)) });
    } catch (error) {
      port.postMessage({ error: packError(error) });
    }
  });
}
