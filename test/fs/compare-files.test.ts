// Many files compared in one go: equal bytes are told as such, and nothing else is.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { type FileSystem, openFileSystem, pickMark } from "../../src/fs/index.ts";
import { Directory } from "../../src/tree/index.ts";
import { type FsFixture, put } from "../suites/fs/fixture.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const fs: FileSystem = openFileSystem();
const skip = fs.compareFiles === undefined && "this door does not compare many files in one go";

/** Content that takes several reads, with one byte changed at `at`. */
function longContent(at = -1): string {
  const text = "0123456789abcdef".repeat(40_000);
  return at < 0 ? text : `${text.slice(0, at)}X${text.slice(at + 1)}`;
}

const pairs: readonly [name: string, source: string, target: string | undefined, equal: boolean][] =
  [
    ["empty", "", "", true],
    ["equal", "content", "content", true],
    ["long", longContent(), longContent(), true],
    ["long, first byte", longContent(), longContent(0), false],
    ["long, last byte", longContent(), longContent(639_999), false],
    ["long, at a boundary", longContent(), longContent(262_144), false],
    ["shorter", "content", "conten", false],
    ["absent", "content", undefined, false],
  ];

test("files of equal bytes are told from others, and no descriptor stays open", { skip }, () => {
  using folder = temporaryFolder();
  const root = fs.openRoot(folder.path);
  const fixture: FsFixture = { fs, root, obeysPermissions: false, close: () => undefined };
  fs.makeDirectory(root, "a", 0o755);
  fs.makeDirectory(root, "b", 0o755);
  const [a, b] = [fs.openDirectory(root, "a"), fs.openDirectory(root, "b")];
  for (const [name, source, target] of pairs) {
    put(fixture, a, name, source);
    if (target !== undefined) put(fixture, b, name, target);
  }
  const listing = new Directory();
  for (const [name] of pairs) listing.add(name, 0);
  fs.statEntries(a, listing, 0, listing.count);
  const open = readdirSync("/proc/self/fd").length;
  for (const wanted of [pickMark.wanted, pickMark.wantedBytes]) {
    const marks = new Uint8Array(pairs.length).fill(wanted);
    fs.compareFiles?.(a, b, listing, 0, pairs.length, marks);
    for (const [i, [name, , , equal]] of pairs.entries()) {
      assert.equal(marks[i], equal ? pickMark.done : wanted, name);
    }
  }
  // A source that is not what was listed any more: its bytes may still be compared.
  fs.setTimes(a, "equal", 1, 0, 1, 0);
  const marks = Uint8Array.of(0, pickMark.wanted, 0, 0, 0, 0, 0, 0);
  fs.compareFiles?.(a, b, listing, 0, pairs.length, marks);
  assert.equal(marks[1], pickMark.wanted);
  marks[1] = pickMark.wantedBytes;
  fs.compareFiles?.(a, b, listing, 0, pairs.length, marks);
  assert.equal(marks[1], pickMark.done);
  assert.equal(readdirSync("/proc/self/fd").length, open);
  for (const dir of [a, b, root]) fs.closeDirectory(dir);
});
