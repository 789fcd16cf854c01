// The memory through which a lane gets the content of a large file: every message arrives, once, in
// order and whole, however the two ends take turns, and memory that was used before does no harm.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FeedReader, FeedWriter, feedBytes } from "../../src/sync/tasks/content-feed.ts";

const messageMax = 64;

test("messages arrive in order, and no more than two wait", () => {
  const turns = fc.array(fc.oneof(fc.constant("take"), fc.nat(messageMax - 1)), { maxLength: 60 });
  fc.assert(
    fc.property(turns, fc.nat(255), (steps, dirt) => {
      const memory = new SharedArrayBuffer(feedBytes(messageMax) + 3);
      new Uint8Array(memory).fill(dirt);
      const writer = new FeedWriter(memory);
      const reader = new FeedReader(memory);
      const waiting: number[][] = [];
      let taken = 0;
      for (const [i, step] of steps.entries()) {
        if (step !== "take") {
          const message = Array.from({ length: step + 1 }, (_, at) => (at + i) & 255);
          const isPut = writer.put(Uint8Array.from(message));
          assert.equal(isPut, waiting.length + taken < 2);
          if (isPut) waiting.push(message);
        } else if (waiting.length > 0) {
          assert.deepEqual([...reader.take(() => assert.fail("it is there"))], waiting.shift());
          taken = 1;
        } else {
          reader.release();
          taken = 0;
        }
      }
    }),
  );
});

test("who waits for what never comes looks whether it is wanted any more", () => {
  const reader = new FeedReader(new SharedArrayBuffer(feedBytes(messageMax)));
  let looks = 0;
  const check = (): void => {
    if (++looks === 3) throw new Error("stopped");
  };
  assert.throws(() => reader.take(check), /stopped/);
});

test("what is too long for its place is known beforehand", () => {
  const writer = new FeedWriter(new SharedArrayBuffer(feedBytes(messageMax)));
  assert.ok(writer.fits(messageMax));
  assert.ok(!writer.fits(messageMax + 1));
});
