// The rolling checksum: published vectors, rolling = recomputing, and the kernels (WebAssembly and
// plain) = the definition, for sums and for the search.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../../src/base/index.ts";
import {
  hashSum,
  joinSums,
  KERNEL_MEMORY_START,
  markFilter,
  openRollingKernel,
  type RollingKernel,
  rollingSum,
  rollSum,
  shrinkSum,
} from "../../src/hash/index.ts";

/** The definition, as slowly as it is written in the technical report. */
function definition(bytes: Uint8Array): number {
  let s1 = 0;
  let s2 = 0;
  bytes.forEach((byte, index) => {
    const signed = byte > 127 ? byte - 256 : byte;
    s1 += signed;
    s2 += (bytes.length - index) * signed;
  });
  return (s1 & 0xffff) | ((s2 & 0xffff) << 16);
}

const someBytes = fc.uint8Array({ minLength: 1, maxLength: 700, size: "max" });
const at = (bytes: Uint8Array, index: number): number => bytes[index] as number;

test("rollingSum gives rsync's values", () => {
  assert.equal(rollingSum(Buffer.from("abc"), 0, 3) >>> 0, 0x024a0126);
  assert.equal(rollingSum(Uint8Array.of(0xff, 0x80, 0x01), 0, 3) >>> 0, 0xfefeff80);
  assert.equal(rollingSum(new Uint8Array(10), 0, 10), 0);
  assert.equal(rollingSum(Buffer.from("xabcx"), 1, 4) >>> 0, 0x024a0126);
});

test("rollingSum equals the definition", () => {
  fc.assert(
    fc.property(someBytes, (bytes) => {
      assert.equal(rollingSum(bytes, 0, bytes.length), definition(bytes));
    }),
  );
});

test("a rolled or shrunk sum equals the recomputed one at every position", () => {
  fc.assert(
    fc.property(someBytes, fc.nat(699), (bytes, wanted) => {
      const length = 1 + (wanted % bytes.length);
      let sum = rollingSum(bytes, 0, length);
      let start = 0;
      for (; start + length < bytes.length; start++) {
        sum = rollSum(sum, length, at(bytes, start), at(bytes, start + length));
        assert.equal(sum, rollingSum(bytes, start + 1, start + 1 + length));
      }
      for (let left = length; left > 0; left--, start++) {
        sum = shrinkSum(sum, left, at(bytes, start));
        assert.equal(sum, rollingSum(bytes, start + 1, bytes.length));
      }
    }),
  );
});

test("joinSums puts two pieces together", () => {
  fc.assert(
    fc.property(someBytes, fc.nat(700), (bytes, wanted) => {
      const cut = Math.min(wanted, bytes.length);
      const left = rollingSum(bytes, 0, cut);
      const right = rollingSum(bytes, cut, bytes.length);
      const joined = joinSums(left, right, bytes.length - cut);
      assert.equal(joined, rollingSum(bytes, 0, bytes.length));
    }),
  );
});

const kernels: [string, RollingKernel][] = [
  ["vector", openRollingKernel(300_000)],
  ["portable", openRollingKernel(300_000, true)],
];

for (const [name, kernel] of kernels) {
  test(`the ${name} kernel's sum equals the definition for every length, start and sign`, () => {
    const random = seededRandom(1);
    for (let index = 1000; index < 3000; index++) kernel.bytes[index] = random.uint32();
    for (let length = 0; length < 200; length++) {
      const start = 1000 + (random.uint32() % 64);
      const expected = definition(kernel.bytes.slice(start, start + length));
      assert.equal(kernel.sum(start, start + length), expected, `${length} bytes at ${start}`);
    }
    // Long runs of the extreme bytes make the halves wrap many times.
    for (const fill of [0x80, 0x7f, 0xff]) {
      kernel.bytes.fill(fill, 1000, 141_000);
      assert.equal(kernel.sum(1001, 140_003), definition(kernel.bytes.slice(1001, 140_003)));
    }
  });

  test(`the ${name} kernel's scan finds exactly the first known window`, () => {
    const seeds = fc.integer({ min: 0, max: 0x7fffffff });
    fc.assert(
      fc.property(seeds, (seed) => checkScan(kernel, seed)),
      { numRuns: 300 },
    );
  });
}

const slots = 8192;
const slotCount = 256;
const slotShift = 24;
const window = 65_536;

/** Fills filter and slots with `sums`, all of the filter when `noisy` (so that slots decide). */
function loadSums(kernel: RollingKernel, sums: readonly number[], mask: number, noisy: boolean) {
  const { bytes, words } = kernel;
  bytes.fill(noisy ? 0xff : 0, KERNEL_MEMORY_START, KERNEL_MEMORY_START + mask + 1);
  words.fill(0, slots / 4, slots / 4 + 2 * slotCount);
  for (const sum of sums) {
    markFilter(bytes, hashSum(sum), mask);
    let slot = hashSum(sum) >>> slotShift;
    while (words[slots / 4 + 2 * slot + 1] !== 0) slot = (slot + 1) % slotCount;
    words[slots / 4 + 2 * slot] = sum;
    words[slots / 4 + 2 * slot + 1] = 1;
  }
}

function checkScan(kernel: RollingKernel, seed: number): void {
  const random = seededRandom(seed);
  const below = (limit: number): number => random.uint32() % limit;
  const total = 1 + below(600);
  const length = 1 + below(total);
  // Few different byte values make repeated windows, and so ties, likely.
  const values = 1 + below(256);
  for (let index = 0; index < total; index++) kernel.bytes[window + index] = below(values) * 37;
  const first = window + below(total - length + 1);
  const last = window + total - length;
  const sumAt = (start: number): number => rollingSum(kernel.bytes, start, start + length);
  const known = Array.from({ length: below(4) }, () =>
    below(2) === 0 ? sumAt(first + below(last - first + 1)) : random.uint32() | 0,
  );
  const mask = below(2) === 0 ? 127 : 2047;
  loadSums(kernel, known, mask, below(3) === 0);
  let expected = first;
  while (expected <= last && !known.includes(sumAt(expected))) expected++;
  const found = kernel.scan(first, last, length, sumAt(first), mask, slots, slotShift);
  assert.equal(found, expected);
  assert.equal(kernel.lastSum(), sumAt(Math.min(found, last)));
}
