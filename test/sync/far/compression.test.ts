// When content is compressed on its way: as the user says, and where nobody says, updates while they are short,
// and everything on a slow line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Compression } from "../../../src/sync/far/compression.ts";
import { LineWatch } from "../../../src/sync/far/line-watch.ts";

const mebi = 1024 * 1024;
const rest = { choice: undefined, level: undefined, threads: 0, skip: undefined };

function scene(on: boolean, ifItPays: boolean) {
  const clock = { at: 0, now: () => clock.at };
  const peer = { bytesSent: 0, backlog: 0 };
  const line = new LineWatch(peer, clock);
  return { clock, peer, compression: new Compression({ on, ifItPays, ...rest }, line) };
}

/** Lets so many bytes leave in each of some intervals. */
function busy({ clock, peer, compression }: ReturnType<typeof scene>, bytes: number): string {
  peer.backlog = mebi;
  for (let n = 0; n < 4; n++) {
    assert.ok(compression.wanted);
    peer.bytesSent += bytes;
    clock.at += 300;
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

test("a line that has nothing to do is not slow", () => {
  const idle = scene(false, true);
  idle.compression.sent(40 * mebi);
  for (let n = 0; n < 10; n++) {
    idle.clock.at += 1000;
    assert.equal(idle.compression.wanted, "nothing");
  }
});
