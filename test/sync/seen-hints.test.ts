// Pins what is known of which sizes and times files have: by lanes of one another's files, all that was seen, until a
// million files later; of one directory, exactly.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeenHints } from "../../src/sync/plan/seen-hints.ts";
import { DirectoryLooks } from "../../src/sync/survey/directory-looks.ts";
import { Directory } from "../../src/tree/index.ts";

/** A directory of files that have these sizes. */
function filesOf(sizes: readonly number[]): Directory {
  const files = new Directory();
  for (const [n, size] of sizes.entries()) {
    const index = files.add(`f${n}`, 0o100644);
    files.size[index] = size;
  }
  return files;
}

test("what one lane has seen every lane knows, also what came after it was asked", () => {
  const words = new Int32Array(new SharedArrayBuffer(SeenHints.words * 4));
  const [one, other] = [new SeenHints(words, 0), new SeenHints(words, 1)];
  one.see(filesOf([10, 20]));
  assert.deepEqual([other.hasSeen(20, 0, 0), other.hasSeen(20, 1, 0)], [true, false]);
  assert.equal(other.hasSeen(30, 0, 0), false);
  one.see(filesOf([30]));
  other.see(filesOf([40]));
  assert.ok([10, 20, 30, 40].every((size) => other.hasSeen(size, 0, 0)));
  assert.ok([10, 20, 30, 40].every((size) => one.hasSeen(size, 0, 0)));
});

test("of more files than are kept the latest are known", () => {
  const words = new Int32Array(new SharedArrayBuffer(SeenHints.words * 4));
  const hints = new SeenHints(words, 0);
  hints.see(filesOf([7]));
  const many = filesOf(Array.from({ length: 2 ** 16 }, (_, n) => 1000 + n));
  for (let k = 0; k < 16; k++) hints.see(many);
  assert.deepEqual(
    [hints.hasSeen(7, 0, 0), hints.hasSeen(1000 + 2 ** 16 - 1, 0, 0)],
    [false, true],
  );
});

test("of a directory exactly the looks of its regular files are known", () => {
  for (let count = 0; count < 40; count++) {
    const files = filesOf(Array.from({ length: count }, (_, n) => 2 ** 33 * (n % 3) + (n % 7)));
    for (let i = 0; i < count; i++) files.mtime[i] = -(i % 5);
    for (let i = 0; i < count; i++) files.mtimeNanos[i] = i % 2;
    const others = files.add("directory", 0o040755);
    files.size[others] = 999;
    const looks = new DirectoryLooks(files);
    const isThere = (size: number, mtime: number, nanos: number) =>
      Array.from({ length: count }, (_, i) => i).some(
        (i) => files.size[i] === size && files.mtime[i] === mtime && files.mtimeNanos[i] === nanos,
      );
    for (let size = 0; size < 8; size++) {
      for (let mtime = -5; mtime <= 0; mtime++) {
        const look = [2 ** 33 * (size % 3) + size, mtime, size % 2] as const;
        assert.equal(looks.has(...look), isThere(...look), `${count}: ${look}`);
      }
    }
    assert.equal(looks.has(999, 0, 0), false);
  }
});
