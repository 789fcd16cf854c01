// What reading from a source has to be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByteString, fromBytes, seededRandom, toBytes } from "../../../src/base/index.ts";
import { digestOf } from "../../../src/hash/index.ts";
import type { Source, SourceFile, SourcePart } from "../../../src/source/index.ts";
import { contents, type Served, type SourceKind, serveTree } from "./fixture.ts";
import { isTrouble } from "./listings.ts";

const chunkMax = 1024 * 1024;
const parts = 12;

/** Defines them. */
export function readingTests(kind: SourceKind): void {
  test("every file is read whole", async () => {
    await using served = await serveTree(kind);
    for (const [path, content] of Object.entries(contents)) {
      if (content.length === 0) continue;
      const whole = { offset: 0, length: content.length };
      const file = await served.fileAt(path);
      assert.ok((await readPart(served, file, whole)) === content, path);
    }
  });

  test("parts are read, at the same time too", async () => {
    await using served = await serveTree(kind);
    const path = "large.bin";
    const content = contents[path] as ByteString;
    const file = await served.fileAt(path);
    const random = seededRandom(7);
    const wanted: SourcePart[] = [{ offset: 0, length: 1 }];
    if (served.abilities.ranges) wanted.push({ offset: content.length - 1, length: 1 });
    for (let n = 0; n < parts; n++) {
      const offset = served.abilities.ranges ? random.uint32() % content.length : 0;
      wanted.push({ offset, length: 1 + (random.uint32() % (content.length - offset)) });
    }
    const read = await Promise.all(wanted.map((part) => readPart(served, file, part)));
    for (const [n, { offset, length }] of wanted.entries()) {
      assert.ok(read[n] === content.slice(offset, offset + length), `${offset} + ${length}`);
    }
  });

  test("a file that is not there is absent, and the next one is read", async () => {
    await using served = await serveTree(kind);
    const entry = { name: "missing", kind: "file", size: 5 } as const;
    const reading = readPart(served, { path: "a/missing", entry }, { offset: 0, length: 5 });
    await assert.rejects(reading, isTrouble("absent"));
    const file = await served.fileAt("notes.txt");
    assert.equal(await readPart(served, file, { offset: 0, length: 5 }), "first");
  });

  test("a file that is longer or shorter than was listed has changed", async () => {
    await using served = await serveTree(kind);
    const { path, entry } = await served.fileAt("notes.txt");
    const size = entry.size as number;
    for (const other of [size + 1, size - 1]) {
      const reading = readPart(
        served,
        { path, entry: { ...entry, size: other } },
        { offset: 0, length: other },
      );
      await assert.rejects(reading, isTrouble("changed"));
    }
  });

  test("a file of another time has changed, unless that may be so much off, or is not told", async () => {
    await using served = await serveTree(kind);
    const { timeStep } = served.abilities;
    if (timeStep === undefined) return;
    const { path, entry } = await served.fileAt("notes.txt");
    const part = { offset: 0, length: 5 };
    const mtime = (entry.mtime as number) + 2 * timeStep + 5;
    const later: SourceFile = { path, entry: { ...entry, mtime, version: undefined } };
    await assert.rejects(readPart(served, later, part), isTrouble("changed"));
    const mtimeSlack = 2 * timeStep + 6;
    for (const other of [{ mtimeSlack }, { mtime: undefined, mtimeNanos: undefined }]) {
      const file = { path, entry: { ...later.entry, ...other } };
      assert.equal(await readPart(served, file, part), "first");
    }
  });

  test("whoever stops early, or aborts, can read something else", async () => {
    await using served = await serveTree(kind);
    const file = await served.fileAt("large.bin");
    const length = file.entry.size as number;
    for await (const bytes of served.source.read(file, { offset: 0, length }, served.signal)) {
      assert.ok(bytes.length > 0);
      break;
    }
    const aborting = new AbortController();
    const reason = new Error("enough");
    await assert.rejects(async () => {
      for await (const _ of served.source.read(file, { offset: 0, length }, aborting.signal)) {
        aborting.abort(reason);
      }
    }, reason);
    assert.equal((await readPart(served, file, { offset: 0, length })).length, length);
  });

  test("files are read one after the other", async () => {
    await using served = await serveTree(kind);
    if (served.source.readFiles === undefined) return;
    const paths = Object.keys(contents);
    const files = await Promise.all(paths.map((path) => served.fileAt(path)));
    const read = await readAll(served.source, files, served.signal);
    for (const [n, path] of paths.entries()) assert.ok(read[n] === contents[path], path);
  });

  test("files before a missing one come whole, and the error is about that", async () => {
    await using served = await serveTree(kind);
    if (served.source.readFiles === undefined) return;
    const entry = { name: "missing", kind: "file", size: 3 } as const;
    const files = [
      await served.fileAt("a/b/c/deep"),
      { path: "missing", entry },
      await served.fileAt("notes.txt"),
    ];
    let came = "";
    await assert.rejects(async () => {
      const chunks = served.source.readFiles?.(files, served.signal) ?? [];
      for await (const { file, bytes } of chunks) {
        assert.equal(file, 0);
        came += fromBytes(bytes);
      }
    }, isTrouble("absent"));
    assert.ok(came === contents["a/b/c/deep"]);
  });

  test("digests are those of the content", async () => {
    await using served = await serveTree(kind);
    const { source, signal } = served;
    if (source.digest === undefined) return;
    const content = toBytes(contents["large.bin"] as ByteString);
    const file = await served.fileAt("large.bin");
    for (const [offset, length] of [
      [0, content.length],
      [65_536, 131_072],
    ] as const) {
      const part = content.subarray(offset, offset + length);
      assert.deepEqual(
        Buffer.from(await source.digest(file, { offset, length }, signal)),
        Buffer.from(digestOf("blake3", part)),
      );
    }
  });
}

async function readPart(
  { source, signal }: Pick<Served, "source" | "signal">,
  file: SourceFile,
  part: SourcePart,
): Promise<ByteString> {
  const chunks: ByteString[] = [];
  let length = 0;
  for await (const bytes of source.read(file, part, signal)) {
    assert.ok(bytes.length > 0 && bytes.length <= chunkMax, `a chunk of ${bytes.length} bytes`);
    chunks.push(fromBytes(bytes));
    length += bytes.length;
  }
  assert.equal(length, part.length);
  return chunks.join("");
}

async function readAll(
  source: Source,
  files: readonly SourceFile[],
  signal: AbortSignal,
): Promise<ByteString[]> {
  const read = files.map(() => "");
  let last = 0;
  for await (const { file, bytes } of source.readFiles?.(files, signal) ?? []) {
    assert.ok(file >= last && file < files.length, "files come in order");
    read[file] += fromBytes(bytes);
    last = file;
  }
  return read;
}
