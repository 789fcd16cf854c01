// Comparing with the basis gives the same answer as comparing whole arrays, in any order of blocks,
// however reads are cut, and never "equal" for bytes that the basis no longer has.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { blockOffset, compareWithBasis, layoutOf } from "../../src/delta/index.ts";
import { randomBytes, reader, seededRandom } from "./support.ts";

test("a block is confirmed exactly when its bytes are equal", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7fffffff }), (seed) => {
      const dice = seededRandom(seed);
      // Blocks longer than what is read first, and a basis longer than what is read ahead.
      const blockLength = [7, 5_000, 100_000][dice.uint32() % 3] as number;
      const basis = randomBytes(dice, 1 + (dice.uint32() % 12) * blockLength + 3, 3);
      const layout = layoutOf(basis.length, blockLength);
      const confirm = compareWithBasis(layout, reader(basis, blockLength < 50 ? dice : undefined));
      let block = 0;
      for (let round = 0; round < 40; round++) {
        block = dice.uint32() % 3 === 0 ? dice.uint32() % layout.count : (block + 1) % layout.count;
        const start = blockOffset(layout, block);
        const end = blockOffset(layout, block + 1);
        const window = new Uint8Array(5 + end - start);
        window.set(basis.subarray(start, end), 5);
        const isChanged = dice.uint32() % 2 === 0;
        const at = 5 + (dice.uint32() % (end - start));
        if (isChanged) window[at] = (window[at] as number) + 1;
        assert.equal(confirm(window, 5, window.length, block), !isChanged);
      }
    }),
    { numRuns: 60 },
  );
});

test("what a basis has lost is not confirmed, although it was read before", () => {
  const bytes = randomBytes(seededRandom(2), 400_000);
  let length = bytes.length;
  const confirm = compareWithBasis(layoutOf(bytes.length, 700), (into, offset, wanted, position) =>
    reader(bytes.subarray(0, length))(into, offset, wanted, position),
  );
  assert.ok(confirm(bytes, 0, 700, 0));
  assert.ok(confirm(bytes, 700, 1_400, 1));
  length = 300_000;
  const block = Math.floor(length / 700);
  const zeros = new Uint8Array(700);
  assert.ok(!confirm(bytes, block * 700, (block + 1) * 700, block), "partly lost");
  assert.ok(!confirm(bytes, (block + 1) * 700, (block + 2) * 700, block + 1), "lost");
  assert.ok(!confirm(zeros, 0, 700, block + 1), "lost, compared with zeros");
});

test("what follows a confirmed block and is lost is not taken from what was read before", () => {
  const zeros = new Uint8Array(400_000);
  const confirm = compareWithBasis(layoutOf(400_000, 700), reader(zeros.subarray(0, 300_000)));
  const last = Math.floor(300_000 / 700) - 1;
  assert.ok(confirm(zeros, 0, 700, last));
  assert.ok(!confirm(zeros, 0, 700, last + 1));
  assert.ok(!confirm(zeros, 0, 700, last + 2));
});

test("the remainder is not confirmed for a window of the full length, nor the reverse", () => {
  const bytes = randomBytes(seededRandom(3), 1_000);
  const confirm = compareWithBasis(layoutOf(1_000, 700), reader(bytes));
  assert.ok(!confirm(bytes, 0, 300, 0));
  assert.ok(!confirm(bytes, 300, 1_000, 1));
  assert.ok(confirm(bytes, 700, 1_000, 1));
});
