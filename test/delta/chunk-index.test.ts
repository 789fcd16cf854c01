// The index of chunks: what it finds is there, and what people do with files is found.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../../src/base/index.ts";
import {
  Chunker,
  ChunkIndex,
  ChunkList,
  chunkDigestBytes,
  type FoundRange,
} from "../../src/delta/index.ts";
import { noise } from "../support/index.ts";
import { reader } from "./support.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const chunker = new Chunker();
const million = 1_000_000;

/** Lines of a log, each different from all others. */
function log(seed: number, lines: number): Buffer {
  const random = seededRandom(seed);
  const line = (i: number): string =>
    `2026-11-27T10:${i % 60}:00 host service[${random.uint32() % 1000}]: request ${random.uint32()} took ${i} ms\n`;
  return Buffer.from(Array.from({ length: lines }, (_, i) => line(i)).join(""));
}

function cut(bytes: Uint8Array): ChunkList {
  return chunker.cut(reader(bytes), bytes.length);
}

/** What of `wanted` is found in the files; each range is held against the bytes. */
function findIn(
  files: readonly Uint8Array[],
  wanted: Uint8Array,
  chunksMax = million,
): FoundRange[] {
  const index = new ChunkIndex(chunksMax);
  for (const [number, bytes] of files.entries()) index.add(number, cut(bytes));
  const ranges = [...index.find(cut(wanted))];
  let end = 0;
  for (const { position, offset, length, file, provenBytes } of ranges) {
    assert.ok(position >= end && length > 0 && provenBytes <= length);
    end = position + length;
    const theirs = (files[file] as Uint8Array).subarray(offset, offset + length);
    if (index.level === 0) assert.equal(Buffer.compare(theirs, wanted.subarray(position, end)), 0);
  }
  return ranges;
}

/** Bytes of `wanted` that are found. */
function foundBytes(files: readonly Uint8Array[], wanted: Uint8Array): number {
  return findIn(files, wanted).reduce((sum, { length }) => sum + length, 0);
}

test("a concatenation is found in its parts, each as one range", () => {
  const parts = [1, 2, 3].map((seed) => noise(seed, 700_000 + seed * 1111));
  const ranges = findIn(parts, Buffer.concat(parts));
  assert.deepEqual(
    ranges.map(({ file }) => file),
    [0, 1, 2],
  );
  const found = ranges.reduce((sum, { length }) => sum + length, 0);
  assert.ok(found > 0.94 * 3 * 700_000, `${found}`);
});

test("members of an archive that moved are found", () => {
  const header = (name: string): Buffer => Buffer.from(name.padEnd(512, "\0"));
  const members = Array.from({ length: 12 }, (_, i) => [
    header(`file${i}`),
    noise(50 + i, 200_000),
  ]);
  const before = Buffer.concat(members.flat());
  const order = [5, 0, 11, 3, 1, 2, 4, 10, 9, 8, 7, 6];
  const after = Buffer.concat(order.flatMap((i) => members[i] as Buffer[]));
  assert.ok(foundBytes([before], after) > 0.9 * after.length);
});

test("a log that grew and was rotated is found, and so is one whose beginning was cut off", () => {
  const old = log(1, 20_000);
  const grown = Buffer.concat([old, log(2, 2000)]);
  // log.1 is the old log, grown; its old name has other lines.
  assert.ok(foundBytes([old, log(9, 20_000)], grown) > 0.97 * old.length);
  const later = grown.subarray(777_777);
  assert.ok(foundBytes([old], later) > 0.9 * (old.length - 777_777));
  assert.equal(foundBytes([old], log(5, 5000)), 0);
});

test("what is found is what the files' chunks say, for any files", () => {
  // Few different chunks, so that they are everywhere; digests are the number of the chunk.
  const lists = fc.array(fc.array(fc.nat(9), { maxLength: 30 }), { maxLength: 8 });
  const listOf = (numbers: readonly number[]): ChunkList => {
    const list = new ChunkList();
    for (const number of numbers) {
      list.addKnown(number + 1, new Uint8Array(chunkDigestBytes).fill(number + 1));
    }
    return list;
  };
  const at = (numbers: readonly number[], bytes: number): number[] => {
    // One letter a byte: a chunk of n bytes is n times its number.
    return numbers.flatMap((number) => Array<number>(number + 1).fill(number)).slice(bytes);
  };
  fc.assert(
    fc.property(lists, fc.array(fc.nat(12), { maxLength: 40 }), (files, wanted) => {
      const index = new ChunkIndex(million);
      for (const [file, numbers] of files.entries()) index.add(file, listOf(numbers));
      const known = new Set(files.flat());
      let found = 0;
      for (const { position, offset, length, file, provenBytes } of index.find(listOf(wanted))) {
        assert.equal(provenBytes, length);
        assert.deepEqual(
          at(files[file] as number[], offset).slice(0, length),
          at(wanted, position).slice(0, length),
        );
        found += length;
      }
      const expected = wanted.filter((number) => known.has(number));
      assert.equal(
        found,
        expected.reduce((sum, number) => sum + number + 1, 0),
      );
    }),
    { numRuns: isLong ? 3000 : 300 },
  );
});

test("a choice of files makes no more ranges than it must", () => {
  const shared = noise(1, 300_000);
  const files = [2, 3, 4].map((seed) => Buffer.concat([shared, noise(seed, 300_000)]));
  // All begin alike, and only the last goes on like the wanted one.
  const ranges = findIn(files, files[2] as Buffer);
  assert.ok(ranges.length <= 2, `${ranges.length} ranges`);
  assert.equal(ranges.at(-1)?.file, 2);
});

test("nothing but zeroes costs a few entries", () => {
  const index = new ChunkIndex(million);
  const zeroes = cut(new Uint8Array(20_000_000));
  index.add(0, zeroes);
  index.add(1, zeroes);
  assert.ok(zeroes.count > 300 && index.count <= 16, `${index.count} of ${zeroes.count}`);
  assert.equal(
    [...index.find(zeroes)].reduce((sum, { length }) => sum + length, 0),
    20_000_000,
  );
});

test("an index that is full keeps a part of the chunks, and still finds what files share", () => {
  const files = Array.from({ length: 6 }, (_, i) => noise(20 + i, 4_000_000));
  const wanted = Buffer.concat([noise(99, 300_000), files[3] as Buffer, noise(98, 300_000)]);
  const chunksMax = 300;
  const index = new ChunkIndex(chunksMax);
  for (const [number, bytes] of files.entries()) {
    index.add(number, cut(bytes));
    assert.ok(index.count <= chunksMax);
  }
  assert.ok(index.level >= 2, `${index.level}`);
  const ranges = [...index.find(cut(wanted))];
  assert.deepEqual([...new Set(ranges.map(({ file }) => file))], [3]);
  const found = ranges.reduce((sum, { length }) => sum + length, 0);
  assert.ok(found > 3_000_000 && found <= 4_000_000, `${found}`);
  for (const { position, offset, provenBytes, length } of ranges) {
    assert.equal(position - offset, 300_000);
    assert.ok(provenBytes > 0 && provenBytes <= length);
  }
});
