// Pins the scheduler on a virtual clock: everything runs once, priorities and back-pressure hold,
// lanes grow only while they wait, and one seed replays one run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, seededRandom } from "../../src/base/index.ts";
import { type Lane, Scheduler, type SchedulerLimits } from "../../src/schedule/index.ts";

/** A clock that jumps from one event to the next; nothing really waits. */
class VirtualClock implements Clock {
  time = 0;
  #events: Array<{ at: number; order: number; act: () => void }> = [];
  #order = 0;

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return this.time;
  }

  after(delayMs: number, callback: () => void): () => void {
    const event = { at: this.time + delayMs, order: this.#order++, act: callback };
    this.#events.push(event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  /** Runs until nothing is left to happen. */
  run(): void {
    for (;;) {
      this.#events.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#events.shift();
      if (next === undefined) return;
      this.time = next.at;
      next.act();
    }
  }
}

interface Rig {
  readonly scheduler: Scheduler<number, number>;
  readonly clock: VirtualClock;
  readonly done: number[];
  readonly lanes: () => number;
  readonly inFlightMax: () => number;
}

const limits: SchedulerLimits = {
  lanesMin: 2,
  lanesMax: 16,
  bundlesPerLane: 2,
  bundleCost: 8,
  warmUpMs: 5,
};

/** Lanes that take `taskMs(task)` a task, of which `cpuShare` is processor time. */
function rig(
  taskMs: (task: number) => number,
  cpuShare: number,
  refill: (scheduler: Scheduler<number, number>, wanted: number) => void = () => undefined,
): Rig {
  const clock = new VirtualClock();
  const done: number[] = [];
  let cpu = 0;
  let lanes = 0;
  let inFlight = 0;
  let inFlightMax = 0;
  const startLane = (): Lane<number, number> => {
    lanes++;
    let busyUntil = 0;
    return {
      post: (tasks, callback) => {
        inFlight += tasks.length;
        inFlightMax = Math.max(inFlightMax, inFlight);
        let work = 0;
        for (const task of tasks) work += taskMs(task);
        busyUntil = Math.max(busyUntil, clock.time) + work;
        clock.after(busyUntil - clock.time, () => {
          cpu += work * cpuShare;
          inFlight -= tasks.length;
          callback(tasks);
        });
      },
      close: async () => undefined,
    };
  };
  const scheduler: Scheduler<number, number> = new Scheduler(limits, {
    clock,
    processorMs: () => cpu,
    processors: 2,
    startLane,
    refill: (wanted) => refill(scheduler, wanted),
    onResult: (result) => done.push(result),
  });
  return { scheduler, clock, done, lanes: () => lanes, inFlightMax: () => inFlightMax };
}

test("every submitted task runs exactly once", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seededRandom(seed);
    const { scheduler, clock, done } = rig(() => random.uint32() % 7, 1);
    const count = random.uint32() % 500;
    for (let task = 0; task < count; task++)
      scheduler.submit(task, random.uint32() % 3, 1 + (random.uint32() % 20));
    clock.run();
    assert.deepEqual(
      [...done].sort((a, b) => a - b),
      Array.from({ length: count }, (_, i) => i),
      `seed ${seed}`,
    );
    assert.equal(scheduler.pending, 0);
  }
});

test("one seed replays one run", () => {
  const order = (seed: number): string => {
    const random = seededRandom(seed);
    const { scheduler, clock, done } = rig((task) => (task * 7919) % 11, 0.3);
    for (let task = 0; task < 300; task++) scheduler.submit(task, random.uint32() % 3, 1);
    clock.run();
    return done.join();
  };
  for (let seed = 1; seed <= 10; seed++) assert.equal(order(seed), order(seed));
});

test("a task of a lower priority number overtakes those that wait", () => {
  const { scheduler, clock, done } = rig(() => 1, 1);
  for (let task = 0; task < 200; task++) scheduler.submit(task, 2, 1);
  scheduler.submit(1000, 0, 1);
  clock.run();
  assert.ok(done.indexOf(1000) < 60, `ran as number ${done.indexOf(1000)}`);
});

test("the owner is asked for more only while lanes have room: what is in flight stays small", () => {
  let left = 100_000;
  const { scheduler, clock, done, inFlightMax } = rig(
    () => 1,
    1,
    (to, wanted) => {
      for (let i = 0; i < wanted && left > 0; i++) to.submit(left--, 1, 1);
    },
  );
  scheduler.submit(0, 1, 1);
  clock.run();
  assert.equal(done.length, 100_001);
  assert.ok(inFlightMax() <= 64, `${inFlightMax()} tasks were in flight`);
});

test("a short job never starts a second lane", () => {
  const { scheduler, clock, lanes } = rig(() => 0.1, 1);
  for (let task = 0; task < 20; task++) scheduler.submit(task, 1, 1);
  clock.run();
  assert.equal(lanes(), 1);
});

test("lanes that compute stay as many as processors, lanes that wait grow", () => {
  const computing = rig(() => 2, 1);
  for (let task = 0; task < 5000; task++) computing.scheduler.submit(task, 1, 1);
  computing.clock.run();
  assert.equal(computing.lanes(), 2);
  const waiting = rig(() => 2, 0.05);
  for (let task = 0; task < 5000; task++) waiting.scheduler.submit(task, 1, 1);
  waiting.clock.run();
  assert.ok(waiting.lanes() >= 8, `${waiting.lanes()} lanes`);
  assert.ok(waiting.clock.time * 4 < 5000 * 2, `took ${waiting.clock.time} ms`);
});

test("idle() resolves at once when there is nothing to do, and after the last result otherwise", async () => {
  const { scheduler, clock, done } = rig(() => 3, 1);
  await scheduler.idle();
  scheduler.submit(1, 0, 1);
  let idle = false;
  const waiting = scheduler.idle().then(() => {
    idle = true;
  });
  await Promise.resolve();
  assert.equal(idle, false);
  clock.run();
  await waiting;
  assert.deepEqual(done, [1]);
});

test("abort() drops what waits, ignores late results and wakes whoever waits", async () => {
  const { scheduler, clock, done } = rig(() => 3, 1);
  for (let task = 0; task < 100; task++) scheduler.submit(task, 0, 1);
  const waiting = scheduler.idle();
  scheduler.abort();
  await waiting;
  clock.run();
  assert.deepEqual(done, []);
  assert.equal(scheduler.pending, 0);
});

test("a task that costs much never runs on the owner's own thread", () => {
  const clock = new VirtualClock();
  const ran: Array<{ lane: number; task: number }> = [];
  const startLane = (index: number): Lane<number, number> => ({
    isOwnThread: index === 0,
    post: (tasks, callback) => {
      for (const task of tasks) ran.push({ lane: index, task });
      clock.after(1, () => callback(tasks));
    },
    close: async () => undefined,
  });
  const scheduler: Scheduler<number, number> = new Scheduler(limits, {
    clock,
    processorMs: () => clock.time,
    processors: 2,
    startLane,
    refill: () => undefined,
    onResult: () => undefined,
  });
  for (let task = 0; task < 40; task++) {
    scheduler.submit(task, 1, task % 4 === 0 ? limits.bundleCost + 1 : 1);
  }
  clock.run();
  assert.equal(ran.length, 40);
  const heavy = ran.filter(({ task }) => task % 4 === 0);
  assert.deepEqual(
    heavy.filter(({ lane }) => lane === 0),
    [],
  );
});
