// The multiplexed stream: cut anywhere it is the same, and what is no frame is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeFrame, FrameSplitter, tag, WireBuffer } from "../../src/rsync/index.ts";
import { hex, toHex } from "./bytes.ts";

test("a frame has the bytes that rsync gives it", () => {
  assert.equal(toHex(encodeFrame(tag.data, hex("00000000"))), "0400000700000000");
  assert.equal(toHex(encodeFrame(tag.deleted, Buffer.from("xdir/f"))), "0600006c786469722f66");
  assert.equal(toHex(encodeFrame(tag.errorExit, new Uint8Array(0))), "0000005d");
});

test("data and messages come through wherever the stream is cut", () => {
  const frame = fc.oneof(
    fc.record({ tag: fc.constant(tag.data), payload: fc.uint8Array({ maxLength: 50 }) }),
    fc.record({ tag: fc.constant(tag.info), payload: fc.uint8Array({ maxLength: 50 }) }),
    fc.record({
      tag: fc.constant(tag.noSend),
      payload: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(frame), fc.integer({ min: 1, max: 9 }), (frames, cut) => {
      const stream = Buffer.concat(frames.map((one) => encodeFrame(one.tag, one.payload)));
      const data: number[] = [];
      const messages: [number, string][] = [];
      const splitter = new FrameSplitter({
        data: (bytes) => data.push(...bytes),
        message: (number, payload) => messages.push([number, toHex(payload)]),
      });
      for (let at = 0; at < stream.length; at += cut) splitter.feed(stream.subarray(at, at + cut));
      assert.ok(splitter.isBetween);
      const of = (isData: boolean): typeof frames =>
        frames.filter((one) => (one.tag === tag.data) === isData);
      assert.deepEqual(
        data,
        of(true).flatMap(({ payload }) => [...payload]),
      );
      assert.deepEqual(
        messages,
        of(false).map((one) => [one.tag, toHex(one.payload)]),
      );
    }),
    { numRuns: 100 },
  );
});

test("a message that is unknown, or has another length than it may have, is refused before it has come", () => {
  const splitter = (): FrameSplitter =>
    new FrameSplitter({ data: () => undefined, message: () => undefined });
  // REDO and STATS never leave the machine that they are of.
  for (const head of ["04000010", "08000011", "0000000c", "01000006", "00000000"]) {
    assert.throws(() => splitter().feed(hex(head)), /unknown tag/);
  }
  for (const head of ["ffffff08", "0500001d", "0300006d", "0500005d", "0000006c"]) {
    assert.throws(() => splitter().feed(hex(head)), /has \d+ bytes/);
  }
});

test("items are read whole, however they come, and one without an end is refused", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 7 }), (values, cut) => {
      const bytes = new Uint8Array(Int32Array.from(values).buffer);
      const buffer = new WireBuffer(64);
      const read: number[] = [];
      for (let at = 0; at < bytes.length; at += cut) {
        buffer.feed(bytes.subarray(at, at + cut), (cursor) => {
          read.push(cursor.int());
          return true;
        });
      }
      assert.deepEqual(read, values);
      assert.equal(buffer.heldBytes, 0);
    }),
  );
  const buffer = new WireBuffer(64);
  assert.throws(
    () => buffer.feed(new Uint8Array(65), (cursor) => cursor.view(1000).length > 0),
    /has no end/,
  );
});
