// Tokens from outside: what does not fit the layout gives one error, protocol-data, before anything
// wrong is written.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManifoldError } from "../../src/base/index.ts";
import { createPatcher, layoutOf, type PatchOptions, type WriteAt } from "../../src/delta/index.ts";
import {
  concat,
  deltaOf,
  mutate,
  patched,
  randomBytes,
  reader,
  replay,
  seededRandom,
} from "./support.ts";

const random = seededRandom(5);
const basis = randomBytes(random, 2_345);
const layout = layoutOf(basis.length, 700);
const options = (more: Partial<PatchOptions> = {}): PatchOptions => ({
  layout,
  read: reader(basis),
  write: () => undefined,
  ...more,
});
const isProtocolData = (error: unknown): boolean =>
  error instanceof ManifoldError && error.code === "protocol-data";

test("copies outside the basis are refused, and nothing is written for them", () => {
  const hostile: [number, number][] = [
    [-1, 1],
    [4, 1],
    [0, 5],
    [3, 2],
    [0, 0],
    [0, -1],
    [1.5, 1],
    [0, 0.5],
    [Number.NaN, 1],
    [0, Number.NaN],
    [2 ** 31, 1],
    [0, 2 ** 53],
    [-(2 ** 53), 2 ** 53],
    [Number.POSITIVE_INFINITY, 1],
  ];
  for (const [first, count] of hostile) {
    let written = 0;
    const patcher = createPatcher(options({ write: () => written++ }));
    assert.throws(() => patcher.copy(first, count), isProtocolData, `copy(${first}, ${count})`);
    assert.equal(written, 0);
  }
});

test("a layout without blocks allows no copy", () => {
  const patcher = createPatcher(options({ layout: layoutOf(0) }));
  assert.throws(() => patcher.copy(0, 1), isProtocolData);
});

test("a result longer than announced is refused: neither copies nor literals are a bomb", () => {
  let written = 0;
  const write: WriteAt = (_bytes, start, end) => {
    written += end - start;
  };
  const patcher = createPatcher(options({ write, end: 3_000 }));
  patcher.copy(0, 4);
  assert.throws(() => patcher.copy(0, 1), isProtocolData);
  assert.throws(() => patcher.literal(basis, 0, 656), isProtocolData);
  patcher.literal(basis, 0, 655);
  assert.equal(patcher.finish(3_000), 3_000);
  assert.equal(written, 3_000);
});

test("a truncated token stream is refused at every token", () => {
  const dice = seededRandom(11);
  const source = mutate(dice, randomBytes(dice, 20_000), 700);
  const { tokens, signature } = deltaOf(randomBytes(dice, 0), source);
  const other = deltaOf(source, source.slice(100));
  for (const [all, from, result] of [
    [tokens, signature, source.length],
    [other.tokens, other.signature, source.length - 100],
  ] as const) {
    for (let count = 0; count < all.length; count++) {
      const patcher = createPatcher({ layout: from, read: reader(source), write: () => undefined });
      replay(all.slice(0, count), patcher);
      assert.throws(() => patcher.finish(result), isProtocolData);
    }
  }
});

test("any tokens at all give a result or protocol-data, never another error", () => {
  const numbers = fc.oneof(fc.integer({ min: -2, max: 6 }), fc.double(), fc.maxSafeInteger());
  const tokens = fc.array(
    fc.oneof(fc.tuple(numbers, numbers), fc.uint8Array({ minLength: 1, maxLength: 9 })),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(tokens, fc.boolean(), (list, inPlace) => {
      let position = 0;
      const write: WriteAt = (_bytes, start, end, at) => {
        assert.ok(at >= position && at + (end - start) <= 6_000);
        position = at + (end - start);
      };
      try {
        replay(list, createPatcher(options({ write, end: 6_000, inPlace })));
      } catch (error) {
        assert.ok(isProtocolData(error), String(error));
      }
    }),
  );
});

test("a basis that has become shorter is an error with the place, not a wrong result", () => {
  const patcher = createPatcher(options({ read: reader(basis.subarray(0, 1_000)) }));
  assert.throws(
    () => patcher.copy(0, 4),
    (error) => error instanceof ManifoldError && error.code === "partial",
  );
});

test("in place, a block that is overwritten is refused and one at its place is not written", () => {
  let written = 0;
  const patcher = createPatcher(options({ inPlace: true, write: () => written++ }));
  patcher.copy(0, 2);
  assert.equal(written, 0);
  // Block 1 stayed where it was, so that it is still there; it takes the place of block 2.
  patcher.copy(1, 1);
  assert.equal(written, 1);
  assert.throws(() => patcher.copy(2, 1), isProtocolData);
  patcher.copy(3, 1);
  assert.equal(written, 1);
});

test("what starts as the basis is only written where it differs", () => {
  const source = concat(basis.subarray(0, 1_400), randomBytes(random, 10), basis.subarray(1_400));
  const delta = deltaOf(basis, source);
  const file = new Uint8Array(source.length);
  file.set(basis);
  let written = 0;
  patched(basis, delta, {
    startsAsBasis: true,
    write: (bytes, start, end, position) => {
      written += end - start;
      file.set(bytes.subarray(start, end), position);
    },
  });
  assert.deepEqual(file, source);
  assert.equal(written, source.length - 1_400);
});

test("copyRange replaces reading and writing where it can", () => {
  const ranges: number[][] = [];
  const copyRange = (...range: number[]): boolean => ranges.push(range) < 2;
  const delta = {
    signature: deltaOf(basis, basis).signature,
    tokens: [
      [0, 2],
      [2, 2],
    ],
  } as const;
  const rest = patched(basis, delta, { copyRange });
  assert.deepEqual(ranges, [
    [0, 0, 1_400],
    [1_400, 1_400, 945],
  ]);
  assert.deepEqual(rest, basis.slice(1_400));
});
