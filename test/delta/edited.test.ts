// Edited blocks are passed without a search, and what the search would find is still found: the
// literal bytes are those of the edits.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { closeIndex, computeSignature, matchBlocks, openIndex } from "../../src/delta/index.ts";
import { mayRepeatItself } from "../../src/delta/self-similar.ts";
import {
  collector,
  concat,
  deltaOf,
  patched,
  randomBytes,
  reader,
  seededRandom,
} from "./support.ts";

const block = 700;
const random = seededRandom(12);

test("edits in place cost the blocks that they touch, and no window is looked up for single ones", () => {
  const basis = randomBytes(random, 300 * block);
  const source = basis.slice();
  const edited = [3, 50, 52, 54, 120, 121, 200, 299];
  for (const index of edited) {
    const at = index * block + (random.uint32() % block);
    source[at] = (source[at] as number) ^ 0xff;
  }
  for (const compare of [false, true]) {
    const delta = deltaOf(basis, source, { compare });
    assert.equal(delta.counts.literalLength, edited.length * block);
    assert.deepEqual(patched(basis, delta), source);
    // One for the pair, where the search finds the block behind it, and none for the last block.
    assert.ok(delta.counts.searchHits <= 2, `${delta.counts.searchHits} hits`);
  }
});

test("an edited block that is another block of the basis is found", () => {
  const basis = randomBytes(random, 60 * block);
  const source = basis.slice();
  source.copyWithin(20 * block, 40 * block, 41 * block);
  const { counts } = deltaOf(basis, source);
  assert.equal(counts.literalLength, 0);
});

test("zeros and repeated records between data do not hide that everything has moved", () => {
  const record = randomBytes(random, 48);
  for (const filler of [new Uint8Array(3 * block), repeated(record, 3 * block)]) {
    // The data are alone in their blocks, before and after the insertion.
    const group = (): Uint8Array =>
      concat(filler.subarray(0, 192), randomBytes(random, 300), filler.subarray(492));
    const basis = concat(...Array.from({ length: 40 }, group));
    const insertion = filler.subarray(0, 96);
    for (const compare of [false, true]) {
      const delta = deltaOf(basis, concat(insertion, basis), { compare });
      const { literalLength } = delta.counts;
      assert.ok(literalLength <= insertion.length + block, `${literalLength} literal bytes`);
    }
  }
});

test("an index serves range after range as a fresh one does", () => {
  const basis = randomBytes(random, 80 * block + 5);
  const source = concat(randomBytes(random, 33), basis.subarray(0, 30 * block), basis);
  const signature = computeSignature({ read: reader(basis), fileLength: basis.length });
  const index = openIndex(signature);
  for (const [start, end] of [
    [0, 20_000],
    [20_000, 70_000],
    [70_000, source.length],
  ] as const) {
    const [fresh, kept] = [collector(), collector()];
    const options = { signature, read: reader(source), start, end };
    assert.deepEqual(matchBlocks({ ...options, index }, kept), matchBlocks(options, fresh));
    assert.deepEqual(kept.tokens, fresh.tokens);
  }
  closeIndex(index);
});

test("self-similar content is never taken for unique", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7fffffff }), (seed) => {
      const dice = seededRandom(seed);
      const period = 1 + (dice.uint32() % 200);
      const values = [1, 2, 256][dice.uint32() % 3] as number;
      const bytes = repeated(
        randomBytes(dice, period, values),
        period + 33 + (dice.uint32() % 500),
      );
      assert.ok(mayRepeatItself(Buffer.from(bytes.buffer), 0, bytes.length));
    }),
    { numRuns: 300 },
  );
  const unique = Buffer.from(randomBytes(random, block));
  assert.ok(!mayRepeatItself(unique, 0, block));
  const marked = Buffer.alloc(block);
  marked[5] = 1;
  assert.ok(!mayRepeatItself(marked, 0, block), "zeros with a mark early on");
});

/** Returns the piece again and again, `length` bytes in all. */
function repeated(piece: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => piece[at % piece.length] as number);
}
