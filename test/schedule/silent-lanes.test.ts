// No lane stays silent: whatever happens to a bundle, its owner gets results or an error, and
// closing ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ManifoldError } from "../../src/base/index.ts";
import { inlineLane, type Lane, workerLane } from "../../src/schedule/index.ts";
import { childModule } from "../support/index.ts";

/** A worker that runs this code for each bundle `tasks`. */
function workerOf(code: string): URL {
  const source = `import { parentPort } from "node:worker_threads";
    parentPort.on("message", (tasks) => { if (tasks === null) parentPort.close(); else { ${code} } });`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

/** Posts a bundle whose answer its owner chokes on, and returns the error that is told. */
async function errorOfOwner(
  start: (failed: (error: unknown) => void) => Lane<number, number>,
): Promise<unknown> {
  const heard = await new Promise<{ lane: Lane<number, number>; error: unknown }>((resolve) => {
    const lane: Lane<number, number> = start((error) => resolve({ lane, error }));
    lane.post([1], () => {
      throw new Error("cannot take it");
    });
  });
  await heard.lane.close();
  return heard.error;
}

test("an owner that throws at an answer hears of it as a failure, whichever lane it came from", async () => {
  const listener = (failed: (error: unknown) => void) => ({ failed, news: () => undefined });
  const handler = { run: (task: number) => task, close: () => undefined };
  const inline = await errorOfOwner((failed) => inlineLane(handler, listener(failed), () => 0));
  assert.match(String(inline), /cannot take it/);
  const worker = workerOf("parentPort.postMessage({ results: tasks });");
  const remote = await errorOfOwner((failed) => workerLane(worker, {}, listener(failed)));
  assert.match(String(remote), /cannot take it/);
});

test("a worker that exits by itself is told of, with bundles out or without", async () => {
  for (const bundles of [0, 1]) {
    const error = await new Promise<unknown>((resolve) => {
      const code = "process.exit(3)";
      const url = bundles === 0 ? new URL(`data:text/javascript,${code}`) : workerOf(code);
      const lane = workerLane<number, number>(url, {}, { failed: resolve, news: () => undefined });
      if (bundles > 0) lane.post([1], () => assert.fail("there are no results"));
    });
    assert.ok(error instanceof ManifoldError);
    assert.deepEqual([error.code, error.exit], ["lane", 14]);
  }
});

test("an answer that cannot be sent is told of", async () => {
  const error = await new Promise<unknown>((resolve) => {
    const url = childModule("failing-child.ts", import.meta.url);
    const failed = (reason: unknown): void => void lane.close().then(() => resolve(reason));
    const lane = workerLane(url, "unsendable", { failed, news: () => undefined });
    lane.post([1], () => assert.fail("there are no results"));
  });
  assert.match(String(error), /could not be cloned/);
});

test("a long bundle on the owner's thread lets other things happen in between", async () => {
  let time = 0;
  const seen: string[] = [];
  const handler = {
    run: (task: string) => {
      time += 3;
      seen.push(task);
      return task;
    },
    close: () => seen.push("closed"),
  };
  const failed = (error: unknown): void => assert.fail(String(error));
  const lane = inlineLane(handler, { failed, news: () => undefined }, () => time);
  const results = new Promise<readonly string[]>((resolve) =>
    lane.post(["a", "b", "c", "d"], resolve),
  );
  // Asked to end in the middle, it ends the bundle first.
  let closed: Promise<void> | undefined;
  setImmediate(() => {
    seen.push("signal");
    closed = lane.close();
  });
  assert.deepEqual(await results, ["a", "b", "c", "d"]);
  await closed;
  assert.deepEqual(seen, ["a", "b", "signal", "c", "d", "closed"]);
});
