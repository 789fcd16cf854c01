// However many blocks share a weak sum, matching stays linear: work is counted, not timed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { computeSignature, matchBlocks, type Signature } from "../../src/delta/index.ts";
import { type BlockHash, blockHash } from "../../src/hash/index.ts";
import { collector, deltaOf, patched, randomBytes, reader, seededRandom } from "./support.ts";

/** Counts what a hash is asked to do. */
function countingHash(): { hash: BlockHash; calls: () => number; bytes: () => number } {
  const real = blockHash("blake3");
  let calls = 0;
  let bytes = 0;
  const hash: BlockHash = (target, at, length, data, start, end) => {
    calls++;
    bytes += end - start;
    real(target, at, length, data, start, end);
  };
  return { hash, calls: () => calls, bytes: () => bytes };
}

/** Blocks of `value` with three bytes changed so that the weak sum stays and the content does not. */
function decoys(blockLength: number, count: number, value: number): Uint8Array {
  const bytes = new Uint8Array(blockLength * count).fill(value);
  for (let start = 0; start < bytes.length; start += blockLength) {
    bytes[start] = value + 1;
    bytes[start + 1] = value - 2;
    bytes[start + 2] = value + 1;
  }
  return bytes;
}

test("a chain of 8000 equal weak sums is followed 1024 far for each hit at most", () => {
  const basis = decoys(256, 8000, 100);
  const source = new Uint8Array(3000).fill(100);
  const delta = deltaOf(basis, source, { blockLength: 256 });
  assert.ok(delta.counts.hashHits > 0);
  assert.ok(delta.counts.falseAlarms <= 1024 * delta.counts.hashHits);
  assert.deepEqual(patched(basis, delta), source);
});

test("a million blocks with one weak sum that every window has cost 32 hashed bytes a byte", () => {
  const count = 1_000_000;
  const blockLength = 700;
  const random = seededRandom(3);
  // All windows of the source have the weak sum of a constant block; no block has its content.
  const signature: Signature = {
    ...computeSignature({ read: () => 0, fileLength: 0 }),
    fileLength: count * blockLength,
    blockLength,
    count,
    remainder: 0,
    weak: new Uint32Array(count).fill(
      computeSignature({
        read: reader(new Uint8Array(blockLength).fill(100)),
        fileLength: blockLength,
        blockLength,
      }).weak[0] as number,
    ),
    strong: randomBytes(random, 16 * 1024),
    strongLength: 16,
  };
  const strong = new Uint8Array(16 * count);
  for (let at = 0; at < strong.length; at += signature.strong.length) {
    strong.set(signature.strong.subarray(0, strong.length - at), at);
  }
  const source = new Uint8Array(4_000_000).fill(100);
  const { hash, calls, bytes } = countingHash();
  const sink = collector();
  const match = { signature: { ...signature, strong }, read: reader(source), hash };
  const counts = matchBlocks(match, sink);
  assert.equal(counts.literalLength, source.length);
  const allowed = 64 * 2 ** 20 + 32 * source.length;
  assert.ok(bytes() + 4096 * calls() <= allowed, `${calls()} calls, ${bytes()} bytes`);
  assert.ok(16 * counts.falseAlarms <= allowed, `${counts.falseAlarms} false alarms`);
});

test("the same where candidates are compared: what is read of the basis is bounded", () => {
  const basis = decoys(700, 5000, 100);
  const source = new Uint8Array(4_000_000).fill(100);
  let compared = 0;
  const delta = deltaOf(basis, source, {
    blockLength: 700,
    strongLength: 16,
    match: {
      confirm: (_bytes, start, end) => {
        compared += end - start + 4096;
        return false;
      },
    },
  });
  assert.equal(delta.counts.literalLength, source.length);
  assert.ok(compared <= 64 * 2 ** 20 + 33 * source.length, `${compared} bytes`);
});

test("an unchanged file costs one hash for each block and no search", () => {
  const basis = randomBytes(seededRandom(4), 1_000_000);
  const signature = computeSignature({ read: reader(basis), fileLength: basis.length });
  const { hash, calls, bytes } = countingHash();
  const counts = matchBlocks({ signature, read: reader(basis), hash }, collector());
  assert.equal(calls(), signature.count);
  assert.equal(bytes(), basis.length);
  assert.equal(counts.searchHits, 0);
});

test("in place, a long chain of blocks that are overwritten is not walked again and again", () => {
  // Constant data: every block has one weak sum, and most are behind the output position.
  const blockLength = 64;
  const basis = decoys(blockLength, 20_000, 100);
  const source = new Uint8Array(basis.length).fill(100);
  const delta = deltaOf(basis, source, { blockLength, match: { inPlace: true } });
  assert.equal(delta.counts.literalLength, source.length);
});
