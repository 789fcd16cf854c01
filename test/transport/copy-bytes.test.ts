// Bytes that have come, copied to where they stay.

import assert from "node:assert/strict";
import { test } from "node:test";
import { copyBytes } from "../../src/transport/index.ts";

test("any part of one array is copied to any place of a shared one, and nothing beside it", () => {
  const from = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) % 251);
  for (const length of [0, 1, 1023, 1024, 1025, 4099]) {
    for (const [at, fromAt] of [
      [0, 0],
      [3, 5],
      [901, 900],
    ] as const) {
      const into = new Uint8Array(new SharedArrayBuffer(5100), 100).fill(255);
      copyBytes(into, at, from, fromAt, length);
      const wanted = new Uint8Array(5000).fill(255);
      wanted.set(from.subarray(fromAt, fromAt + length), at);
      assert.deepEqual(into, wanted, `${length} bytes of ${fromAt} to ${at}`);
    }
  }
});

test("what does not fit is refused", () => {
  const bytes = (length: number): Uint8Array => new Uint8Array(length);
  assert.throws(() => copyBytes(bytes(2000), 1, bytes(3000), 0, 2000), RangeError);
  assert.throws(() => copyBytes(bytes(3000), 0, bytes(2000), 1, 2000), RangeError);
  assert.throws(() => copyBytes(bytes(3000), -1, bytes(2000), 0, 2000), RangeError);
  assert.throws(() => copyBytes(bytes(30), 20, bytes(20), 0, 20), RangeError);
});
