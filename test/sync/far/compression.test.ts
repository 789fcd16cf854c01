// When content is compressed on its way: as the user says, and where nobody says, updates while they are short,
// and everything on a slow line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Compression } from "../../../src/sync/far/compression.ts";
import { BusyEnd } from "../../../src/sync/far/idle-watch.ts";
import { LineWatch } from "../../../src/sync/far/line-watch.ts";

const mebi = 1024 * 1024;
const rest = { choice: undefined, level: undefined, threads: 0, skip: undefined };

function scene(on: boolean, ifItPays: boolean) {
  const clock = { at: 0, idle: 0, now: () => clock.at, idleMs: () => clock.idle };
  const peer = { bytesSent: 0, backlog: 0 };
  const machine = { used: 0.5 };
  const machineTime = () => ({ busyMs: clock.at * 2 * machine.used, totalMs: clock.at * 2 });
  const line = new LineWatch(peer, clock, machineTime);
  return {
    clock,
    peer,
    compression: new Compression({ on, ifItPays, ...rest }, line),
    line,
    machine,
  };
}

/** Lets so many bytes leave in each of some intervals, in which the thread has nothing to do for that share. */
function busy(
  { clock, peer, compression }: ReturnType<typeof scene>,
  bytes: number,
  idle = 0.9,
): string {
  peer.backlog = mebi;
  for (let n = 0; n < 4; n++) {
    assert.ok(compression.wanted);
    peer.bytesSent += bytes;
    clock.at += 300;
    clock.idle += 300 * idle;
  }
  return compression.wanted;
}

test("what the user says is done", () => {
  assert.equal(busy(scene(true, false), 1000), "all");
  assert.equal(busy(scene(false, false), 1000), "nothing");
});

test("updates are compressed until they are long", () => {
  const { compression } = scene(false, true);
  assert.equal(compression.wanted, "updates");
  compression.sent(40 * mebi);
  assert.equal(compression.wanted, "nothing");
});

test("on a slow line everything is, on a fast one nothing more", () => {
  const slow = scene(false, true);
  slow.compression.sent(40 * mebi);
  assert.equal(busy(slow, 3 * mebi), "all");
  assert.equal(busy(slow, 60 * mebi), "nothing");
});

test("a line is not slow because an end has no time for it", () => {
  const own = scene(false, true);
  own.compression.sent(40 * mebi);
  assert.equal(busy(own, 3 * mebi, 0.1), "nothing");
  assert.equal(busy(own, 3 * mebi), "all");
  // The other end says that it is busy.
  own.line.acquit();
  assert.equal(own.compression.wanted, "nothing");
  assert.equal(busy(own, 3 * mebi), "all");
});

test("the target's end tells that it is busy while much comes, and only then", () => {
  const clock = { at: 0, idle: 0, now: () => clock.at, idleMs: () => clock.idle };
  const end = new BusyEnd(clock);
  const after = (idle: number, bytes: number): boolean => {
    clock.at += 150;
    clock.idle += 150 * idle;
    return end.tells(bytes);
  };
  assert.equal(after(0, 1000), false);
  assert.equal(after(0.1, mebi), true);
  assert.equal(after(0.9, mebi), false);
  assert.equal(after(0.1, mebi), true);
  assert.equal(end.tells(mebi), false);
});

test("where all processors are busy, only a very slow line is worth another one's time", () => {
  const crowded = scene(false, true);
  crowded.compression.sent(40 * mebi);
  crowded.machine.used = 1;
  assert.equal(busy(crowded, 3 * mebi), "nothing");
  assert.equal(busy(crowded, mebi / 2), "all");
});

test("a line that has nothing to do is not slow", () => {
  const idle = scene(false, true);
  idle.compression.sent(40 * mebi);
  for (let n = 0; n < 10; n++) {
    idle.clock.at += 1000;
    assert.equal(idle.compression.wanted, "nothing");
  }
});
