// What a lane makes of its thread's past: waiting counts, running and starving do not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LaneMeter } from "../../src/schedule/lane-meter.ts";

/** A thread that lives as told. */
function thread() {
  const past = { ranMs: 0, waits: 0, preemptions: 0 };
  let now = 0;
  const meter = new LaneMeter(
    () => ({ ...past }),
    () => now,
  );
  return {
    meter,
    run: (ms: number) => {
      past.ranMs += ms;
      now += ms;
    },
    wait: (ms: number) => {
      past.waits++;
      now += ms;
    },
    starve: (ms: number) => {
      past.preemptions++;
      now += ms;
    },
  };
}

test("running and starving are not waiting", () => {
  const { meter, run, starve } = thread();
  meter.measure(() => {
    run(10);
    starve(90);
    run(5);
  });
  assert.deepEqual(meter.time, { busyMs: 105, waitedMs: 0 });
});

test("waiting is, and adds up over tasks; what is between them does not count", () => {
  const { meter, run, wait, starve } = thread();
  meter.measure(() => {
    run(2);
    wait(20);
  });
  wait(1000);
  run(1000);
  starve(1000);
  assert.equal(
    meter.measure(() => {
      wait(8);
      return "answer";
    }),
    "answer",
  );
  assert.deepEqual(meter.time, { busyMs: 30, waitedMs: 28 });
});

test("a thread that waits and starves waits for its part", () => {
  const { meter, wait, starve } = thread();
  meter.measure(() => {
    for (let i = 0; i < 3; i++) wait(10);
    starve(10);
  });
  assert.deepEqual(meter.time, { busyMs: 40, waitedMs: 30 });
});

test("a task that throws is counted as well", () => {
  const { meter, wait } = thread();
  assert.throws(() =>
    meter.measure(() => {
      wait(3);
      throw new Error("it went wrong");
    }),
  );
  assert.deepEqual(meter.time, { busyMs: 3, waitedMs: 3 });
});
