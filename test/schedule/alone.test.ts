// An owner's thread that goes on alone: when it is given company, and when not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Lane, Scheduler, type SchedulerLimits } from "../../src/schedule/index.ts";
import { VirtualClock } from "./virtual-clock.ts";

const limits: SchedulerLimits = {
  lanesMin: 2,
  lanesMax: 2,
  bundlesPerLane: 2,
  bundleCost: 8,
  bundleMs: 50,
  warmUpMs: 5,
  aloneMs: 1000,
};

/** Lanes whose bundles take 20 ms, of which they run for so large a share and wait for another. */
function alone(spends: { readonly running: number; readonly waiting: number }): {
  readonly scheduler: Scheduler<number, number>;
  readonly clock: VirtualClock;
  /** When the second lane was started. */
  readonly secondAt: () => number | undefined;
} {
  const clock = new VirtualClock();
  let processorMs = 0;
  let secondAt: number | undefined;
  const startLane = (index: number): Lane<number, number> => {
    if (index === 1) secondAt = clock.time;
    let busyMs = 0;
    return {
      isOwnThread: index === 0,
      post: (tasks, callback) => {
        clock.after(20, () => {
          processorMs += 20 * spends.running;
          busyMs += 20;
          callback(tasks, { busyMs, waitedMs: busyMs * spends.waiting });
        });
      },
      close: async () => undefined,
    };
  };
  const scheduler = new Scheduler<number, number>(limits, {
    clock,
    processorMs: () => processorMs,
    processors: 2,
    startLane,
    refill: () => undefined,
    onResult: () => undefined,
  });
  return { scheduler, clock, secondAt: () => secondAt };
}

function submit(scheduler: Scheduler<number, number>, count: number): void {
  for (let task = 0; task < count; task++) scheduler.submit(task, 1, 8);
}

test("a thread that has time to spare stays alone, however long the run and the queue", () => {
  const { scheduler, clock, secondAt } = alone({ running: 0.6, waiting: 0 });
  submit(scheduler, 500);
  clock.run();
  assert.equal(clock.time, 500 * 20);
  assert.equal(secondAt(), undefined);
});

test("a thread that never rests gets company after its time alone", () => {
  const { scheduler, clock, secondAt } = alone({ running: 1, waiting: 0 });
  submit(scheduler, 500);
  clock.run();
  const at = secondAt() ?? 0;
  assert.ok(at >= 1000 && at < 1400, `at ${at} ms`);
});

test("a thread that waits for its disk gets company at once", () => {
  const { scheduler, clock, secondAt } = alone({ running: 0.2, waiting: 0.8 });
  submit(scheduler, 500);
  clock.run();
  assert.ok((secondAt() ?? Number.POSITIVE_INFINITY) < 200, `at ${secondAt()} ms`);
});

test("a thread whose owner knows of work for all gets company", () => {
  const { scheduler, clock, secondAt } = alone({ running: 0.6, waiting: 0 });
  scheduler.spread();
  submit(scheduler, 500);
  clock.run();
  assert.ok((secondAt() ?? Number.POSITIVE_INFINITY) < 100, `at ${secondAt()} ms`);
});

test("a task that is not for the owner's thread starts another one", () => {
  const { scheduler, clock, secondAt } = alone({ running: 0.6, waiting: 0 });
  scheduler.submit(1, 1, 1, true);
  clock.run();
  assert.equal(secondAt(), 0);
});
