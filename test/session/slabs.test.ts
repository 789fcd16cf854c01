// Memory that is used again is never in two hands, and does not pile up.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Slabs } from "../../src/session/index.ts";

test("a piece is long enough, and in one pair of hands only", () => {
  const steps = fc.array(fc.integer({ min: -20, max: 300_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (lengths) => {
      const slabs = new Slabs();
      const held: Uint8Array[] = [];
      for (const length of lengths) {
        if (length >= 0) {
          const piece = slabs.take(length);
          assert.equal(piece.length, length);
          assert.ok(held.every(({ buffer }) => buffer !== piece.buffer));
          held.push(piece);
        } else {
          const [piece] = held.splice(-length % (held.length || 1), 1);
          if (piece !== undefined) slabs.give(piece);
        }
      }
    }),
  );
});

test("what was given back is used again; foreign memory is not", () => {
  const slabs = new Slabs();
  const piece = slabs.take(100_000);
  slabs.give(piece);
  assert.equal(slabs.take(70_000).buffer, piece.buffer);
  const foreign = new Uint8Array(131_072);
  slabs.give(foreign);
  assert.notEqual(slabs.take(131_072).buffer, foreign.buffer);
});
