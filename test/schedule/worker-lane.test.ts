// Pins what happens when a worker thread fails: the owner hears of it, and closing still ends.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AssertionError, ManifoldError } from "../../src/base/index.ts";
import { workerLane } from "../../src/schedule/index.ts";
import { childModule } from "../support/index.ts";

/** A worker that serves bundles by the code given: `tasks` in, a reply out. */
function workerOf(code: string): URL {
  const source = `import { parentPort } from "node:worker_threads";
    parentPort.on("message", (tasks) => { if (tasks === null) parentPort.close(); else { ${code} } });`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

test("results come back in the order of the bundles", async () => {
  const lane = workerLane<number, number>(
    workerOf("parentPort.postMessage({ results: tasks.map((n) => n * 2) });"),
    {},
    { failed: (error) => assert.fail(String(error)), news: () => undefined },
  );
  const seen: number[][] = [];
  await new Promise<void>((resolve) => {
    lane.post([1, 2], (results) => seen.push([...results]));
    lane.post([3], (results) => {
      seen.push([...results]);
      resolve();
    });
  });
  await lane.close();
  assert.deepEqual(seen, [[2, 4], [6]]);
});

test("news of a task come before its result", async () => {
  const code = "parentPort.postMessage({ news: 1 }); parentPort.postMessage({ results: tasks });";
  const seen: (number | string)[] = [];
  await new Promise<void>((resolve) => {
    const lane = workerLane<string, number | string>(
      workerOf(code),
      {},
      { failed: (error) => assert.fail(String(error)), news: (news) => seen.push(news) },
    );
    lane.post(["done"], (results) => {
      seen.push(...results);
      void lane.close().then(resolve);
    });
  });
  assert.deepEqual(seen, [1, "done"]);
});

test("starting a lane does not open standard output, which may be a channel that is full", async () => {
  const own = Object.getOwnPropertyDescriptor(process, "stdout");
  assert.ok(own !== undefined);
  let isOpened = false;
  Object.defineProperty(process, "stdout", {
    configurable: true,
    get: () => {
      isOpened = true;
      return own.get?.call(process) ?? own.value;
    },
  });
  try {
    const lane = workerLane<number, number>(
      workerOf("parentPort.postMessage({ results: tasks });"),
      {},
      { failed: (error) => assert.fail(String(error)), news: () => undefined },
    );
    await new Promise<void>((resolve) => lane.post([1], () => resolve()));
    await lane.close();
  } finally {
    Object.defineProperty(process, "stdout", own);
  }
  assert.equal(isOpened, false);
});

test("an uncaught error in a worker is told, and close() still resolves", async () => {
  const heard = await new Promise<{ lane: ReturnType<typeof workerLane>; error: unknown }>(
    (resolve) => {
      const worker = workerOf("throw new Error('broken');");
      const failed = (error: unknown): void => resolve({ lane, error });
      const lane = workerLane<number, number>(worker, {}, { failed, news: () => undefined });
      lane.post([1], () => assert.fail("a failed bundle has no results"));
    },
  );
  assert.match(String(heard.error), /broken/);
  await heard.lane.close();
});

/** Runs one bundle in a lane that fails in this way, and returns the error that arrives. */
async function errorFrom(way: string): Promise<unknown> {
  return new Promise((resolve) => {
    const failed = (error: unknown): void => void lane.close().then(() => resolve(error));
    const worker = childModule("failing-child.ts", import.meta.url);
    const lane = workerLane(worker, way, { failed, news: () => undefined });
    lane.post([1], () => assert.fail("a failed bundle has no results"));
  });
}

test("an error of the table arrives as one, with code and facts", async () => {
  const error = await errorFrom("table");
  assert.ok(error instanceof ManifoldError);
  assert.deepEqual([error.code, error.exit, error.message], ["disk-full", 11, "Cannot write"]);
  assert.deepEqual(error.data, { limit: 3 });
});

test("a bug arrives with the stack of the place where it happened", async () => {
  const error = await errorFrom("bug");
  assert.ok(error instanceof Error && !(error instanceof ManifoldError));
  assert.equal(error.name, "TypeError");
  assert.match(error.stack ?? "", /culprit/);
});

test("a broken assumption is still one", async () => {
  const error = await errorFrom("an unknown way");
  assert.ok(error instanceof AssertionError);
});
