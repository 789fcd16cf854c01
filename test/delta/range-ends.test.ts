// A file matched in ranges has as few literal bytes as one matched as a whole, wherever it is cut.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchBlocks, RangeEnds, type Signature } from "../../src/delta/index.ts";
import {
  collector,
  concat,
  deltaOf,
  mutate,
  patched,
  randomBytes,
  reader,
  seededRandom,
} from "./support.ts";

/** Matches the source in ranges with these ends; returns the literal bytes and the parts put together. */
function matchInRanges(
  basis: Uint8Array,
  source: Uint8Array,
  signature: Signature,
  cuts: readonly number[],
): { literal: number; result: Uint8Array } {
  let literal = 0;
  const parts = cuts.map((end, index) => {
    const start = cuts[index - 1] ?? 0;
    const ends = new RangeEnds(signature);
    const sink = collector();
    const options = { signature, read: reader(source), start, end };
    const counts = matchBlocks(options, ends.watch(sink));
    const shared = ends.shared({ source: reader(source), basis: reader(basis), start, end });
    assert.ok(shared <= counts.literalLength);
    literal += counts.literalLength - shared;
    return patched(basis, { signature, tokens: sink.tokens }, { start, end });
  });
  return { literal, result: concat(...parts) };
}

test("cuts through unchanged blocks cost nothing", () => {
  const random = seededRandom(3);
  const basis = randomBytes(random, 90_000);
  const source = concat(
    randomBytes(random, 1_000),
    basis.subarray(0, 60_000),
    basis.subarray(61_000),
  );
  const { signature, counts } = deltaOf(basis, source);
  for (const length of [8_000, 9_999, 30_001]) {
    const cuts = [];
    for (let end = length; end < source.length; end += length) cuts.push(end);
    const { literal, result } = matchInRanges(basis, source, signature, [...cuts, source.length]);
    assert.deepEqual(result, source);
    assert.ok(literal <= counts.literalLength, `${literal} > ${counts.literalLength}`);
  }
});

test("ranges give the source, and at most a block more of literal bytes at each cut", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7fffffff }), (seed) => {
      const dice = seededRandom(seed);
      const blockLength = 1 + (dice.uint32() % 64);
      const basis = randomBytes(dice, dice.uint32() % (20 * blockLength), [2, 256][seed % 2]);
      const source = mutate(dice, basis, blockLength);
      const { signature, counts } = deltaOf(basis, source, { blockLength });
      const cuts = Array.from({ length: 3 }, () => dice.uint32() % (source.length + 1));
      const ends = [...cuts.sort((a, b) => a - b), source.length];
      const { literal, result } = matchInRanges(basis, source, signature, ends);
      assert.deepEqual(result, source);
      assert.ok(literal <= counts.literalLength + 3 * 2 * blockLength);
    }),
    { numRuns: 500 },
  );
});

test("a basis that has lost its end shares nothing there", () => {
  const random = seededRandom(8);
  const basis = randomBytes(random, 7_000);
  const { signature } = deltaOf(basis, basis);
  const ends = new RangeEnds(signature);
  const options = { signature, read: reader(basis), start: 0, end: 4_000 };
  matchBlocks(options, ends.watch(collector()));
  const range = { source: reader(basis), start: 0, end: 4_000 };
  assert.equal(ends.shared({ ...range, basis: reader(basis) }), 4_000 % 700);
  assert.equal(ends.shared({ ...range, basis: reader(basis.subarray(0, 3_600)) }), 0);
});
