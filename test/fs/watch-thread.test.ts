// A thread's past tells waiting from working and from starving, however busy the machine is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { watchThread } from "../../src/fs/index.ts";

const watch = watchThread();
const skip = watch === undefined ? "this system does not tell about threads" : false;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** What became of this thread while it acted. */
function during(action: () => void): { ranMs: number; waits: number; preemptions: number } {
  assert.ok(watch !== undefined);
  const before = watch();
  action();
  const after = watch();
  return {
    ranMs: after.ranMs - before.ranMs,
    waits: after.waits - before.waits,
    preemptions: after.preemptions - before.preemptions,
  };
}

test("a thread that waits is seen to wait, and runs for a moment only", { skip }, () => {
  const { ranMs, waits, preemptions } = during(() => {
    for (let i = 0; i < 20; i++) Atomics.wait(sleeper, 0, 0, 2);
  });
  assert.ok(waits >= 20, `${waits} waits`);
  assert.ok(ranMs < 20, `ran for ${ranMs} of 40 ms`);
  assert.ok(preemptions < waits, `${preemptions} preemptions, ${waits} waits`);
});

test("a thread that computes is not seen to wait, even when it has to share its processor", {
  skip,
}, () => {
  // The garbage collector or a page that is not there makes a thread wait now and then: in the calmest moment of
  // several nothing is left of that.
  let calmest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10 && calmest > 0; i++) {
    const { ranMs, waits } = during(() => {
      const end = performance.now() + 20;
      while (performance.now() < end);
    });
    assert.ok(ranMs > 0, `ran for ${ranMs} ms`);
    calmest = Math.min(calmest, waits);
  }
  assert.ok(calmest < 5, `${calmest} waits`);
});
