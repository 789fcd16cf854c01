// Chunks that content cuts: they make up the file, have the promised sizes, and an edit changes few of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Random, seededRandom } from "../../src/base/index.ts";
import {
  Chunker,
  type ChunkList,
  chunkDigestBytes,
  chunkSizes,
  chunkSizesFor,
  usualChunkSizes,
} from "../../src/delta/index.ts";
import { blake3 } from "../../src/hash/index.ts";
import { noise } from "../support/index.ts";
import { reader } from "./support.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const numRuns = isLong ? 500 : 40;
const sizes = chunkSizes(256);
const chunkers = { webassembly: new Chunker(sizes), javascript: new Chunker(sizes, true) };

/** Bytes of several kinds, one behind the other: noise, runs of one byte, text of few words. */
function mixed(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const end = Math.min(length, at + 1 + (random.uint32() % 3000));
    const kind = random.uint32() % 3;
    const byte = random.uint32() % 256;
    for (; at < end; at++)
      bytes[at] = kind === 0 ? random.uint32() : kind === 1 ? byte : 97 + (at % 7);
  }
  return bytes;
}

/** The texts of chunks: length and digest. */
function chunksOf(list: ChunkList): string[] {
  return Array.from({ length: list.count }, (_, i) => {
    const digest = list.digests.subarray(i * chunkDigestBytes, (i + 1) * chunkDigestBytes);
    return `${list.length(i)} ${Buffer.from(digest).toString("hex")}`;
  });
}

test("chunks make up the file, within their sizes, however it is read, by both kernels alike", () => {
  const cases = fc.record({ seed: fc.integer(), length: fc.nat(60_000) });
  fc.assert(
    fc.property(cases, ({ seed, length }) => {
      const random = seededRandom(seed);
      const bytes = mixed(random, length);
      const list = chunkers.webassembly.cut(reader(bytes), length);
      let at = 0;
      for (let i = 0; i < list.count; i++) {
        const size = list.length(i);
        assert.ok(size <= sizes.max && (size > sizes.min || i === list.count - 1), `${size}`);
        const digest = blake3(bytes, at, at + size).subarray(0, chunkDigestBytes);
        assert.deepEqual(
          list.digests.slice(i * chunkDigestBytes, (i + 1) * chunkDigestBytes),
          digest,
        );
        at += size;
      }
      assert.equal(at, length);
      assert.equal(list.bytes, length);
      const chunks = chunksOf(list);
      assert.deepEqual(chunksOf(chunkers.webassembly.cut(reader(bytes, random), length)), chunks);
      assert.deepEqual(chunksOf(chunkers.javascript.cut(reader(bytes), length)), chunks);
    }),
    { numRuns },
  );
});

test("files longer than what is read at once are cut as if they were read whole", () => {
  const bytes = mixed(seededRandom(7), 5_000_000);
  const whole = chunksOf(chunkers.webassembly.cut(reader(bytes), bytes.length));
  assert.deepEqual(
    chunksOf(chunkers.javascript.cut(reader(bytes, seededRandom(1)), bytes.length)),
    whole,
  );
  // Shorter than was said: what there is.
  const list = chunkers.webassembly.cut(reader(bytes), bytes.length + 12_345);
  assert.deepEqual(chunksOf(list), whole);
  assert.equal(chunkers.webassembly.cut(reader(bytes), 0).count, 0);
});

test("chunks of noise are about as long as the normal size says", () => {
  for (const normal of [256, 8192]) {
    const list = new Chunker(chunkSizes(normal)).cut(reader(noise(seededRandom(3), 8e6)), 8e6);
    const mean = list.bytes / list.count;
    assert.ok(mean > 0.8 * normal && mean < 1.4 * normal, `${mean} for ${normal}`);
  }
  assert.deepEqual([usualChunkSizes.min, usualChunkSizes.max], [2048, 65536]);
});

test("sizes for a tree are the smallest for which an index has room", () => {
  const normalOf = (bytes: number, chunksMax: number): number =>
    chunkSizesFor(bytes, chunksMax).normal;
  assert.deepEqual([normalOf(0, 10), normalOf(2 ** 30, 2 ** 20)], [1024, 1024]);
  assert.deepEqual([normalOf(2 ** 30 + 1, 2 ** 20), normalOf(2 ** 40, 2 ** 24)], [2048, 65536]);
  assert.equal(normalOf(2 ** 50, 1), 2 ** 20);
});

test("an edit moves few boundaries", () => {
  const cases = fc.record({
    seed: fc.integer(),
    at: fc.nat(199_999),
    removed: fc.nat(300),
    added: fc.nat(300),
  });
  let [changed, edits, unlucky] = [0, 0, 0];
  fc.assert(
    fc.property(cases, ({ seed, at, removed, added }) => {
      const random = seededRandom(seed);
      const before = noise(random, 200_000);
      const middle = noise(random, added);
      const after = Buffer.concat([before.subarray(0, at), middle, before.subarray(at + removed)]);
      const old = new Set(chunksOf(chunkers.webassembly.cut(reader(before), before.length)));
      const chunks = chunksOf(chunkers.webassembly.cut(reader(after), after.length));
      const fresh = chunks.filter((chunk) => !old.has(chunk)).length;
      // Whether old and new boundaries meet again is chance, 0.42 for each chunk: more than 16 come once in 2,000 edits,
      // more than 40 once in 10^9.
      assert.ok(fresh <= 40, `${fresh} of ${chunks.length} chunks are new`);
      if (fresh > 16) unlucky++;
      changed += fresh;
      edits++;
    }),
    { numRuns: 4 * numRuns },
  );
  assert.ok(changed / edits < 5, `${changed / edits} new chunks an edit`);
  assert.ok(unlucky <= 1 + edits / 200, `more than 16 for ${unlucky} of ${edits} edits`);
});
