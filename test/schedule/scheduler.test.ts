// Pins the scheduler on a virtual clock: everything runs once, priorities and back-pressure hold,
// lanes grow only while they wait, and one seed replays one run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../src/base/index.ts";
import { type Lane, Scheduler, type SchedulerLimits } from "../../src/schedule/index.ts";
import { VirtualClock } from "./virtual-clock.ts";

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
  bundleMs: 50,
  warmUpMs: 5,
};

/** What the lanes of a rig do with their time, as shares of it; the rest is waiting. */
interface Spending {
  readonly running: number;
  /** Ready to run, on a machine that has no processor for them. */
  readonly starving?: number;
  /** They do not know how they spend it. */
  readonly silent?: boolean;
  /** The share of the machine's processors that anybody uses; absent where nobody knows. */
  readonly machine?: number;
}

/** Lanes that take `taskMs(task)` a task, of which `spending.running` is processor time. */
function rig(
  taskMs: (task: number) => number,
  spending: number | Spending,
  refill: (scheduler: Scheduler<number, number>, wanted: number) => void = () => undefined,
): Rig {
  const {
    running: cpuShare,
    starving = 0,
    silent = false,
    machine,
  } = typeof spending === "number" ? ({ running: spending } satisfies Spending) : spending;
  const clock = new VirtualClock();
  const done: number[] = [];
  let cpu = 0;
  let lanes = 0;
  let inFlight = 0;
  let inFlightMax = 0;
  const startLane = (): Lane<number, number> => {
    lanes++;
    let busyUntil = 0;
    let busyMs = 0;
    return {
      post: (tasks, callback) => {
        inFlight += tasks.length;
        inFlightMax = Math.max(inFlightMax, inFlight);
        let work = 0;
        for (const task of tasks) work += taskMs(task);
        busyUntil = Math.max(busyUntil, clock.time) + work;
        clock.after(busyUntil - clock.time, () => {
          cpu += work * cpuShare;
          busyMs += work;
          inFlight -= tasks.length;
          const time = { busyMs, waitedMs: busyMs * (1 - cpuShare - starving) };
          callback(tasks, silent ? undefined : time);
        });
      },
      close: async () => undefined,
    };
  };
  const scheduler: Scheduler<number, number> = new Scheduler(limits, {
    clock,
    processorMs: () => cpu,
    processors: 2,
    ...(machine !== undefined && {
      machineTime: () => ({ busyMs: clock.time * 2 * machine, totalMs: clock.time * 2 }),
    }),
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

/** Runs so many tasks of 2 ms and returns how many lanes there were in the end, and how long it took. */
function grown(count: number, spending: Spending): { lanes: number; ms: number } {
  const { scheduler, clock, lanes, done } = rig(() => 2, spending);
  for (let task = 0; task < count; task++) scheduler.submit(task, 1, 1);
  clock.run();
  assert.equal(done.length, count);
  return { lanes: lanes(), ms: clock.time };
}

for (const silent of [false, true]) {
  const telling = silent ? "that cannot tell how they spend it" : "that tell how they spend it";
  test(`lanes ${telling} stay as many as processors while they compute`, () => {
    assert.equal(grown(5000, { running: 1, silent }).lanes, 2);
    assert.equal(grown(5000, { running: 0.8, silent }).lanes, 2);
  });

  test(`lanes ${telling} grow while they wait, to the bound and no further`, () => {
    const { lanes, ms } = grown(5000, { running: 0.05, silent });
    assert.equal(lanes, limits.lanesMax);
    assert.ok(ms * 8 < 5000 * 2, `took ${ms} ms`);
  });
}

test("lanes for which the machine has no processor do not grow: more would starve, too", () => {
  assert.equal(grown(5000, { running: 0.1, starving: 0.9 }).lanes, 2);
  assert.equal(grown(5000, { running: 0.1, starving: 0.7 }).lanes, 2);
  assert.equal(grown(5000, { running: 0.1, starving: 0.2 }).lanes, limits.lanesMax);
});

test("lanes that wait do not grow while others keep all processors busy", () => {
  for (const silent of [false, true]) {
    assert.equal(grown(5000, { running: 0.05, silent, machine: 0.95 }).lanes, 2);
    assert.equal(grown(5000, { running: 0.05, silent, machine: 0.2 }).lanes, limits.lanesMax);
  }
});

test("a lane that has not told its time yet is not taken to wait", () => {
  const clock = new VirtualClock();
  const lanes: Lane<number, number>[] = [];
  // The owner's thread never tells; the other one takes 600 ms for its first bundle, and starves.
  const startLane = (index: number): Lane<number, number> => {
    let busyMs = 0;
    const lane: Lane<number, number> = {
      isOwnThread: index === 0,
      post: (tasks, callback) => {
        const took = index === 0 ? 20 : busyMs === 0 ? 600 : 100;
        clock.after(took, () => {
          busyMs += took;
          callback(tasks, index === 0 ? undefined : { busyMs, waitedMs: 0 });
        });
      },
      close: async () => undefined,
    };
    lanes.push(lane);
    return lane;
  };
  const scheduler: Scheduler<number, number> = new Scheduler(limits, {
    clock,
    processorMs: () => 0,
    processors: 2,
    startLane,
    refill: () => undefined,
    onResult: () => undefined,
  });
  for (let task = 0; task < 1000; task++) scheduler.submit(task, 1, 1);
  clock.run();
  assert.equal(lanes.length, 2);
});

test("lanes grow no further once the processors are full", () => {
  const { lanes } = grown(5000, { running: 0.25 });
  assert.equal(lanes, 8, "8 lanes with a quarter each fill 2 processors");
});

test("bundles of slow tasks are small, so that lanes that are added find work", () => {
  const bundles: number[] = [];
  const clock = new VirtualClock();
  const startLane = (): Lane<number, number> => {
    let busyUntil = 0;
    let busyMs = 0;
    return {
      post: (tasks, callback) => {
        bundles.push(tasks.length);
        busyUntil = Math.max(busyUntil, clock.time) + tasks.length * 30;
        clock.after(busyUntil - clock.time, () => {
          busyMs += tasks.length * 30;
          callback(tasks, { busyMs, waitedMs: busyMs });
        });
      },
      close: async () => undefined,
    };
  };
  const scheduler: Scheduler<number, number> = new Scheduler(
    { ...limits, bundleCost: 1024 },
    {
      clock,
      processorMs: () => 0,
      processors: 2,
      startLane,
      refill: () => undefined,
      onResult: () => undefined,
    },
  );
  for (let task = 0; task < 4; task++) scheduler.submit(task, 1, 1);
  clock.run();
  for (let task = 0; task < 1000; task++) scheduler.submit(task, 1, 1);
  bundles.length = 0;
  clock.run();
  assert.ok(Math.max(...bundles) <= 2, `a bundle of ${Math.max(...bundles)} tasks of 30 ms`);
  assert.ok(clock.time < (1000 * 30) / 8, `took ${clock.time} ms`);
});

test("lanes that are all on the owner's thread go on working however many there are", () => {
  const clock = new VirtualClock();
  let done = 0;
  const scheduler: Scheduler<number, number> = new Scheduler(limits, {
    clock,
    processorMs: () => 0,
    processors: 2,
    startLane: () => ({
      isOwnThread: true,
      post: (tasks, callback) => void clock.after(tasks.length * 20, () => callback(tasks)),
      close: async () => undefined,
    }),
    refill: () => undefined,
    onResult: () => done++,
  });
  for (let task = 0; task < 500; task++) scheduler.submit(task, 1, 1);
  clock.run();
  assert.ok(scheduler.lanes > limits.lanesMin, `${scheduler.lanes} lanes`);
  assert.equal(done, 500);
});

test("the owner's own thread waits with the others only as long as there are no more than it began with", () => {
  const clock = new VirtualClock();
  const ran: number[] = [];
  const startLane = (index: number): Lane<number, number> => {
    let busyUntil = 0;
    return {
      isOwnThread: index === 0,
      post: (tasks, callback) => {
        ran.push(index);
        busyUntil = Math.max(busyUntil, clock.time) + tasks.length * 2;
        clock.after(busyUntil - clock.time, () => callback(tasks));
      },
      close: async () => undefined,
    };
  };
  const scheduler: Scheduler<number, number> = new Scheduler(limits, {
    clock,
    processorMs: () => 0,
    processors: 2,
    startLane,
    refill: () => undefined,
    onResult: () => undefined,
  });
  for (let task = 0; task < 3000; task++) scheduler.submit(task, 1, 1);
  clock.run();
  assert.equal(scheduler.lanes, limits.lanesMax);
  assert.ok(ran.slice(0, 20).includes(0), "it began");
  assert.ok(!ran.slice(ran.length / 2).includes(0), "it rested in the end");
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

test("idle() waits for what is held, until it is released or let go", async () => {
  for (const end of ["release", "letGo"] as const) {
    const { scheduler, clock, done } = rig(() => 3, 1);
    scheduler.hold();
    let idle = false;
    const waiting = scheduler.idle().then(() => {
      idle = true;
    });
    await Promise.resolve();
    assert.equal(idle, false);
    if (end === "release") scheduler.submit(7, 0, 1);
    scheduler[end]();
    clock.run();
    await waiting;
    assert.deepEqual(done, end === "release" ? [7] : []);
    // What comes too late is no trouble.
    scheduler.release();
  }
});

test("what is submitted to a closed scheduler starts no lane again", async () => {
  const { scheduler, clock, done } = rig(() => 3, 1);
  scheduler.submit(1, 0, 1);
  clock.run();
  await scheduler.close();
  scheduler.submit(2, 0, 1);
  clock.run();
  assert.deepEqual(done, [1]);
  assert.equal(scheduler.lanes, 0);
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

/** A scheduler on two processors whose owner only submits. */
function plainScheduler(
  clock: VirtualClock,
  startLane: (index: number) => Lane<number, number>,
): Scheduler<number, number> {
  return new Scheduler(limits, {
    clock,
    processorMs: () => clock.time,
    processors: 2,
    startLane,
    refill: () => undefined,
    onResult: () => undefined,
  });
}

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
  const scheduler = plainScheduler(clock, startLane);
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

test("what waits for others is never on the owner's own thread, and nothing is behind it in its lane", () => {
  const clock = new VirtualClock();
  const isWaiting = (task: number): boolean => task % 5 === 0;
  const waitingIn = new Set<number>();
  let ended = 0;
  const startLane = (index: number): Lane<number, number> => ({
    isOwnThread: index === 0,
    post: (tasks, callback) => {
      assert.ok(!waitingIn.has(index), "nothing is posted behind what waits");
      const waits = tasks.some(isWaiting);
      if (waits) {
        assert.notEqual(index, 0);
        assert.equal(tasks.length, 1);
        waitingIn.add(index);
      }
      clock.after(waits ? 50 : 1, () => {
        if (waits) waitingIn.delete(index);
        ended += tasks.length;
        callback(tasks);
      });
    },
    close: async () => undefined,
  });
  const scheduler = plainScheduler(clock, startLane);
  for (let task = 0; task < 40; task++) scheduler.submit(task, 1, 1, isWaiting(task));
  clock.run();
  assert.equal(ended, 40);
});

test("more work than a bundle holds, there at once, does not wait for the second lane to prove worth it", () => {
  const lanes: number[] = [];
  const scheduler: Scheduler<number, number> = new Scheduler(limits, {
    clock: new VirtualClock(),
    processorMs: () => 0,
    processors: 2,
    startLane: (index) => {
      lanes.push(index);
      return { post: () => undefined, close: async () => undefined, isOwnThread: index === 0 };
    },
    refill: () => undefined,
    onResult: () => undefined,
  });
  // The first task is under way; what waits behind it counts.
  for (let task = 0; task < 3; task++) scheduler.submit(task, 1, 4);
  assert.deepEqual(lanes, [0]);
  scheduler.submit(3, 1, 4);
  scheduler.submit(4, 1, 4);
  assert.deepEqual(lanes, [0, 1]);
});

test("the owner's own thread has one bundle at a time, lanes in other threads have some at hand", () => {
  const held = [0, 0];
  const most = [0, 0];
  const clock = new VirtualClock();
  const startLane = (index: number): Lane<number, number> => ({
    isOwnThread: index === 0,
    post: (tasks, callback) => {
      held[index] = (held[index] as number) + 1;
      most[index] = Math.max(most[index] as number, held[index] as number);
      clock.after(3 * (held[index] as number), () => {
        held[index] = (held[index] as number) - 1;
        callback(tasks);
      });
    },
    close: async () => undefined,
  });
  const scheduler = plainScheduler(clock, startLane);
  for (let task = 0; task < 100; task++) scheduler.submit(task, 1, 1);
  clock.run();
  assert.deepEqual(most, [1, limits.bundlesPerLane]);
});
