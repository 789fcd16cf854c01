// patch(basis, match(signature(basis), source)) = source, whatever the two files are, and the
// matches that a reader would expect are found.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computeSignature, matchBlocks } from "../../src/delta/index.ts";
import { createDigest } from "../../src/hash/index.ts";
import {
  collector,
  concat,
  copies,
  deltaOf,
  mutate,
  patched,
  randomBytes,
  reader,
  seededRandom,
} from "./support.ts";

const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const random = seededRandom(7);
const block = 700;

test("patch after match gives the source, over generated files and mutations of them", () => {
  fc.assert(
    fc.property(seeds, fc.boolean(), (seed, compare) => {
      const dice = seededRandom(seed);
      const blockLength = 1 + (dice.uint32() % 64);
      const values = [2, 3, 256][dice.uint32() % 3] as number;
      const basis = randomBytes(dice, dice.uint32() % (12 * blockLength), values);
      const source = mutate(dice, basis, blockLength);
      const delta = deltaOf(basis, source, { blockLength, compare });
      assert.deepEqual(patched(basis, delta), source);
      const { literalLength, matchedLength } = delta.counts;
      assert.equal(literalLength + matchedLength, source.length);
    }),
    { numRuns: 1500 },
  );
});

test("patch after match gives the source for any two files of few byte values", () => {
  const small = fc.uint8Array({ max: 2, maxLength: 120 });
  fc.assert(
    fc.property(small, small, fc.integer({ min: 1, max: 9 }), (basis, source, blockLength) => {
      assert.deepEqual(patched(basis, deltaOf(basis, source, { blockLength })), source);
    }),
    { numRuns: 1500 },
  );
});

test("an in-place delta never uses a block that is overwritten, and gives the source", () => {
  fc.assert(
    fc.property(seeds, fc.boolean(), (seed, compare) => {
      const dice = seededRandom(seed);
      const blockLength = 1 + (dice.uint32() % 32);
      const values = [1, 2, 256][dice.uint32() % 3] as number;
      const basis = randomBytes(dice, dice.uint32() % (12 * blockLength), values);
      const source = mutate(dice, basis, blockLength);
      const delta = deltaOf(basis, source, { blockLength, compare, match: { inPlace: true } });
      const file = new Uint8Array(Math.max(basis.length, source.length));
      file.set(basis);
      patched(file, delta, {
        inPlace: true,
        write: (bytes, start, end, position) => file.set(bytes.subarray(start, end), position),
      });
      assert.deepEqual(file.slice(0, source.length), source);
    }),
    { numRuns: 1000 },
  );
});

test("the tokens do not depend on how reads are cut", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const dice = seededRandom(seed);
      const basis = randomBytes(dice, 30_000);
      const source = mutate(dice, basis, block);
      const whole = deltaOf(basis, source);
      const sink = collector();
      matchBlocks({ signature: whole.signature, read: reader(source, dice) }, sink);
      assert.deepEqual(sink.tokens, whole.tokens);
      const signature = computeSignature({ read: reader(basis, dice), fileLength: basis.length });
      assert.deepEqual(signature, whole.signature);
    }),
    { numRuns: 50 },
  );
});

test("an unchanged file is one run of blocks, remainder included", () => {
  for (const length of [1, 699, 700, 701, 1400, 700 * 700, 1_000_003]) {
    for (const compare of [false, true]) {
      const basis = randomBytes(random, length);
      const { tokens, signature, counts } = deltaOf(basis, basis, { compare });
      assert.deepEqual(tokens, [[0, signature.count]], `${length} bytes`);
      assert.equal(counts.literalLength, 0);
    }
  }
});

test("an empty basis gives literals, an empty source nothing", () => {
  const bytes = randomBytes(random, 600_000);
  const fromNothing = deltaOf(new Uint8Array(0), bytes);
  assert.deepEqual(copies(fromNothing.tokens), []);
  assert.deepEqual(patched(new Uint8Array(0), fromNothing), bytes);
  assert.deepEqual(deltaOf(bytes, new Uint8Array(0)).tokens, []);
});

test("one insertion costs the inserted bytes and at most the block around it", () => {
  const basis = randomBytes(random, 50 * block + 123);
  for (const at of [
    0,
    1,
    block - 1,
    block,
    block + 1,
    25 * block + 300,
    50 * block,
    basis.length,
  ]) {
    const source = concat(basis.subarray(0, at), randomBytes(random, 10), basis.subarray(at));
    const delta = deltaOf(basis, source);
    assert.deepEqual(patched(basis, delta), source);
    const around = at % block === 0 ? 0 : block;
    assert.ok(delta.counts.literalLength <= 10 + around, `insertion at ${at}`);
  }
});

test("one deletion costs at most the blocks around it", () => {
  const basis = randomBytes(random, 50 * block);
  for (const [at, length] of [
    [0, 1],
    [0, block],
    [block, 1],
    [3 * block + 5, 2 * block],
    [49 * block, block],
  ] as const) {
    const source = concat(basis.subarray(0, at), basis.subarray(at + length));
    const delta = deltaOf(basis, source);
    assert.deepEqual(patched(basis, delta), source);
    assert.ok(delta.counts.literalLength < 2 * block, `deletion of ${length} at ${at}`);
  }
});

test("blocks in another order are all found", () => {
  const basis = randomBytes(random, 40 * block);
  const order = Array.from({ length: 40 }, (_, index) => (index * 7) % 40);
  const source = concat(
    ...order.map((index) => basis.subarray(index * block, (index + 1) * block)),
  );
  const { tokens, counts } = deltaOf(basis, source);
  assert.deepEqual(
    tokens,
    order.map((index) => [index, 1]),
  );
  assert.equal(counts.literalLength, 0);
});

test("among equal blocks the one that continues the run is taken", () => {
  const zeros = concat(randomBytes(random, block), new Uint8Array(20 * block));
  const [twice, ...others] = Array.from({ length: 4 }, () => randomBytes(random, block));
  assert.ok(twice);
  const basis = concat(...others.flatMap((other) => [other, twice]));
  const edited = basis.slice();
  edited.fill(9, 2 * block, 2 * block + 3);
  for (const compare of [false, true]) {
    assert.deepEqual(deltaOf(zeros, zeros, { compare }).tokens, [[0, 21]]);
    // Block 1, 3 and 5 are equal; after the edit the one with the same shift comes first.
    assert.deepEqual(copies(deltaOf(basis, edited, { compare }).tokens), [
      [0, 2],
      [3, 3],
    ]);
  }
});

test("the remainder is found only at the end, also behind an insertion", () => {
  const basis = randomBytes(random, 3 * block + 50);
  const tail = basis.subarray(3 * block);
  const source = concat(tail, randomBytes(random, 9), tail);
  assert.deepEqual(copies(deltaOf(basis, source).tokens), [[3, 1]]);
  assert.deepEqual(copies(deltaOf(tail, concat(source, source)).tokens), [[0, 1]]);
});

test("ranges matched one by one give the parts of the file", () => {
  const basis = randomBytes(random, 100_000);
  const source = concat(randomBytes(random, 1024), basis);
  const whole = deltaOf(basis, source);
  const cuts = [0, 33_333, 70_000, source.length];
  let literal = 0;
  const parts = cuts.slice(1).map((end, index) => {
    const start = cuts[index] as number;
    const sink = collector();
    const { signature } = whole;
    literal += matchBlocks({ signature, read: reader(source), start, end }, sink).literalLength;
    return patched(basis, { signature, tokens: sink.tokens }, { start, end });
  });
  assert.deepEqual(concat(...parts), source);
  assert.ok(literal <= whole.counts.literalLength + 2 * block);
});

test("observers on both sides see the whole file once: their digests agree", () => {
  const basis = randomBytes(random, 900_000);
  const source = concat(basis.subarray(400_000), randomBytes(random, 300_000), basis);
  const [expected, seen, rebuilt] = [1, 2, 3].map(() => createDigest("blake3"));
  assert.ok(expected && seen && rebuilt);
  const delta = deltaOf(basis, source, { match: { observe: seen.update } });
  patched(basis, delta, { observe: rebuilt.update });
  expected.update(source);
  const digest = expected.digest();
  assert.deepEqual(seen.digest(), digest);
  assert.deepEqual(rebuilt.digest(), digest);
});

test("files much longer than the window, with large blocks, are matched", () => {
  const basis = randomBytes(random, 2_000_000);
  for (const blockLength of [1000, 131_072]) {
    for (const compare of [false, true]) {
      const source = concat(randomBytes(random, 1024), basis);
      source[1_000_000] = (source[1_000_000] as number) ^ 1;
      const delta = deltaOf(basis, source, { blockLength, compare });
      assert.deepEqual(patched(basis, delta), source);
      assert.equal(delta.counts.literalLength, 1024 + blockLength);
    }
  }
});

test("short strong sums are backed by the weak ones", () => {
  const basis = randomBytes(random, 200 * block);
  const source = mutate(random, basis, block);
  assert.deepEqual(patched(basis, deltaOf(basis, source, { strongLength: 2 })), source);
});
