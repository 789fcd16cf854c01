// How files of the target are packed, cross threads, are kept and are spilled.

import assert from "node:assert/strict";
import test from "node:test";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import fc from "fast-check";
import { type ByteString, fromBytes } from "../../../src/base/index.ts";
import { type ByteStore, memoryStore } from "../../../src/changeset/index.ts";
import { Candidates, FileLog, FilePacker } from "../../../src/pipeline/index.ts";
import { typeDirectory, typeRegular } from "../../../src/tree/index.ts";
import { byDirectory, candidatesOf, listingOf, type TestFile } from "./listings.ts";

const anyByteString = (min: number, max: number): fc.Arbitrary<ByteString> =>
  fc
    .uint8Array({ minLength: min, maxLength: max })
    .map((bytes) => fromBytes(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 1 : byte))));

const anyFile: fc.Arbitrary<TestFile> = fc.record(
  {
    directory: anyByteString(0, 40),
    name: anyByteString(1, 255),
    size: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    mtime: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
  },
  { noNullPrototype: true },
);

/** Reads everything back. */
function filesOf(candidates: Candidates): TestFile[] {
  const files: TestFile[] = [];
  candidates.visit((cursor) => {
    const { bytes, sizes, words, count, sizeAt, nanosAt, lengthsAt } = cursor;
    for (let i = 0; i < count; i++) {
      const start = cursor.nameStart(i);
      files.push({
        directory: fromBytes(bytes, cursor.pathStart, cursor.namesStart),
        name: fromBytes(bytes, start, start + (bytes[lengthsAt + i] as number)),
        size: sizes[sizeAt + i] as number,
        mtime: sizes[sizeAt + count + i] as number,
        nanos: words[nanosAt + i] as number,
      });
    }
  });
  return files;
}

test("what was packed is read again, whether it is in memory or spilled", () => {
  fc.assert(
    fc.property(fc.array(anyFile, { maxLength: 60 }), fc.constantFrom(0, 1e9), (files, limit) => {
      const grouped = [...byDirectory(files).values()].flat();
      assert.deepEqual(filesOf(candidatesOf(files, limit)), grouped);
    }),
  );
});

test("what is written to a chunk is read wherever the chunk is known, also what came after it was told", () => {
  const { port1, port2 } = new MessageChannel();
  const packer = new FilePacker(new FileLog((chunk) => port1.postMessage(chunk)));
  const candidates = new Candidates(1e9, memoryStore);
  const files: TestFile[] = [];
  for (let n = 0; n < 50_000; n++) {
    files.push({ directory: `d/${n >> 11}`, name: `file-${n}`, size: n + 1, mtime: n, nanos: n });
  }
  let added = 0;
  let told = 0;
  for (const [path, those] of byDirectory(files)) {
    added += packer.add(3, path, listingOf(those));
    const received = receiveMessageOnPort(port2);
    if (received !== undefined) {
      told++;
      candidates.addChunk(received.message as SharedArrayBuffer);
    }
    assert.equal(filesOf(candidates).length, added);
  }
  port1.close();
  assert.equal(added, 50_000);
  assert.equal(told, 2, "a message for a chunk, and none for a directory");
  assert.deepEqual(filesOf(candidates), files);
});

test("only regular files that are not empty, and that are wanted, are candidates", () => {
  const listing = listingOf([
    { directory: "", name: "empty", size: 0, mtime: 1 },
    { directory: "", name: "file", size: 1, mtime: 1 },
    { directory: "", name: "hidden", size: 1, mtime: 1 },
  ]);
  const i = listing.add("directory", typeDirectory | 0o755);
  listing.size[i] = 4096;
  const link = listing.add("link", 0o120777);
  listing.size[link] = 7;
  assert.equal((listing.mode[1] as number) & typeRegular, typeRegular);
  const candidates = new Candidates(1e9, memoryStore);
  candidates.addDirectory(0, "", listing, (index) => index !== 2);
  assert.deepEqual(
    filesOf(candidates).map(({ name }) => name),
    ["file"],
  );
});

/** Ten files a directory, and names as long as those of a source tree. */
function* sourceTree(count: number): Generator<TestFile[]> {
  for (let n = 0; n < count; n += 10) {
    const directory = `drivers/group-${n % 97}/device-${n}`;
    yield Array.from({ length: 10 }, (_, k) => ({
      directory,
      name: `driver-of-device-${n + k}.c`,
      size: 1000 + n + k,
      mtime: 1_700_000_000 + k,
    }));
  }
}

test("a candidate takes at most 64 bytes, and above the limit of memory goes to the store", () => {
  let stored = 0;
  const inMemory = memoryStore();
  const store: ByteStore = {
    append: (bytes) => {
      stored += bytes.length;
      return inMemory.append(bytes);
    },
    read: (position, length) => inMemory.read(position, length),
  };
  const limit = 4 * 1024 * 1024;
  const candidates = new Candidates(limit, () => store);
  let count = 0;
  for (const files of sourceTree(200_000)) {
    count += candidates.addDirectory(0, files[0]?.directory ?? "", listingOf(files));
  }
  assert.equal(count, 200_000);
  assert.ok(candidates.bytes <= 64 * count, `${candidates.bytes / count}`);
  // Beside the limit there is the chunk that grows.
  assert.ok(candidates.bytes - stored <= limit + 1024 * 1024);
  assert.ok(stored > candidates.bytes / 2);
});
