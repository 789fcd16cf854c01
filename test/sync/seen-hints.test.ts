// Pins what lanes know of one another's files: all that was seen, until a million files later.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeenHints } from "../../src/sync/plan/seen-hints.ts";
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
