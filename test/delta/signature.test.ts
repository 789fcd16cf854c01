// Signatures: rsync's block lengths, the sums of each block, ranges, and files that shrink.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ManifoldError } from "../../src/base/index.ts";
import {
  chooseBlockLength,
  computeSignature,
  emptySignature,
  fullBlockCount,
  layoutOf,
  rsyncStrongLength,
  type Signature,
  signBlocks,
  validateLayout,
  validateSignature,
} from "../../src/delta/index.ts";
import { blake3, rollingSum } from "../../src/hash/index.ts";
import { randomBytes, reader, seededRandom } from "./support.ts";

const random = seededRandom(9);
const isProtocolData = (error: unknown): boolean =>
  error instanceof ManifoldError && error.code === "protocol-data";

// What rsync sends as the head of its sums (protocol 30 and later, 16-byte digest):
// file length, count, block length, strong length, remainder.
const rsyncHeads: [number, number, number, number, number][] = [
  [1, 1, 700, 2, 1],
  [490_000, 700, 700, 2, 0],
  [490_001, 701, 700, 2, 1],
  [1e6, 1000, 1000, 2, 0],
  [1e8, 10_000, 10_000, 3, 0],
  [1e10, 100_000, 100_000, 4, 0],
  [1e12, 7_629_395, 131_072, 5, 69_632],
];

test("layouts and strong lengths are rsync's", () => {
  for (const [fileLength, count, blockLength, strongLength, remainder] of rsyncHeads) {
    const layout = layoutOf(fileLength);
    assert.deepEqual(layout, { fileLength, count, blockLength, remainder });
    assert.equal(rsyncStrongLength(layout, 16), strongLength);
    validateLayout(layout);
  }
  assert.deepEqual(layoutOf(0), { fileLength: 0, count: 0, blockLength: 700, remainder: 0 });
  assert.equal(layoutOf(1001, 500).count, 3);
});

test("block lengths grow with the file and stay multiples of 8 within limits", () => {
  let before = 0;
  for (let length = 1; length < 2 ** 36; length = Math.ceil(length * 1.07)) {
    const blockLength = chooseBlockLength(length);
    assert.ok(blockLength >= before && blockLength >= 700 && blockLength <= 131_072);
    assert.ok(blockLength === 700 || blockLength % 8 === 0);
    before = blockLength;
  }
  // Squares and their neighbours: the square root must not round up.
  for (let root = 704; root <= 131_072; root += 8 * 997) {
    assert.equal(chooseBlockLength(root * root), root);
    assert.equal(chooseBlockLength(root * root - 1), Math.max(700, root - 8));
  }
});

test("a signature has each block's rolling checksum and truncated BLAKE3", () => {
  for (const length of [1, 699, 700, 701, 2_100, 500_123]) {
    const bytes = randomBytes(random, length);
    const signature = computeSignature({ read: reader(bytes), fileLength: length });
    validateSignature(signature);
    for (let block = 0; block < signature.count; block++) {
      const start = block * signature.blockLength;
      const end = Math.min(start + signature.blockLength, length);
      assert.equal(signature.weak[block], rollingSum(bytes, start, end) >>> 0);
      const strong = signature.strong.slice(16 * block, 16 * (block + 1));
      assert.deepEqual(strong, blake3(bytes, start, end).slice(0, 16));
    }
  }
});

test("ranges signed in any order, into shared memory, are the whole signature", () => {
  const bytes = randomBytes(random, 100_000);
  const whole = computeSignature({ read: reader(bytes), fileLength: bytes.length });
  const parts = emptySignature(layoutOf(bytes.length), 16, true);
  assert.ok(parts.weak.buffer instanceof SharedArrayBuffer);
  for (const [firstBlock, blockCount] of [
    [100, 43],
    [0, 60],
    [60, 40],
  ] as const) {
    const expected = Math.min((firstBlock + blockCount) * 700, bytes.length) - firstBlock * 700;
    assert.equal(signBlocks(parts, reader(bytes), { firstBlock, blockCount }), expected);
  }
  assert.deepEqual([...parts.weak], [...whole.weak]);
  assert.deepEqual([...parts.strong], [...whole.strong]);
});

test("a file that has become shorter gets the signature of what is left", () => {
  const bytes = randomBytes(random, 5_000);
  for (const left of [0, 1, 699, 700, 701, 1_400, 4_999]) {
    const shrunk = computeSignature({ read: reader(bytes.subarray(0, left)), fileLength: 5_000 });
    const expected = computeSignature({
      read: reader(bytes.subarray(0, left)),
      fileLength: left,
      blockLength: 700,
    });
    assert.deepEqual(shrunk, expected, `${left} bytes left`);
  }
});

test("signatures that contradict themselves are refused", () => {
  const good = computeSignature({ read: reader(randomBytes(random, 2_000)), fileLength: 2_000 });
  validateSignature(good);
  const wrong: Partial<Signature>[] = [
    { count: -1 },
    { count: 4 },
    { count: 2 ** 40 },
    { count: 0 },
    { blockLength: 0 },
    { blockLength: -700 },
    { blockLength: 131_073 },
    { blockLength: 2 ** 31 },
    { blockLength: 701 },
    { remainder: 700 },
    { remainder: -1 },
    { remainder: 0 },
    { remainder: Number.NaN },
    { fileLength: 2_001 },
    { fileLength: 2 ** 60 },
    { strongLength: 0 },
    { strongLength: 15 },
    { strongLength: 2 ** 31 },
    { weak: new Uint32Array(2) },
    { strong: new Uint8Array(47) },
  ];
  for (const change of wrong) {
    assert.throws(
      () => validateSignature({ ...good, ...change }),
      isProtocolData,
      JSON.stringify(change),
    );
  }
  assert.equal(fullBlockCount(good), 2);
});
