// Many files that get their times in one go: those that are what was listed, and no others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type FileSystem, openFileSystem, pickMark, Stat } from "../../src/fs/index.ts";
import { Directory } from "../../src/tree/index.ts";
import { type FsFixture, put } from "../suites/fs/fixture.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const fs: FileSystem = openFileSystem();
const skip = fs.stampFiles === undefined && "this door does not stamp many files in one go";

test("files that are what was listed get their times", { skip }, () => {
  using folder = temporaryFolder();
  const root = fs.openRoot(folder.path);
  const fixture: FsFixture = { fs, root, obeysPermissions: false, close: () => undefined };
  const listing = new Directory();
  for (const name of ["a", "b", "c", "d", "e"]) {
    put(fixture, root, name, `content of ${name}`);
    fs.setTimes(root, name, 1, 0, 1, 0);
    listing.add(name, 0);
  }
  fs.statEntries(root, listing, 0, listing.count);
  // One is written to, one is replaced by another file, one is gone.
  fs.setTimes(root, "b", 2, 0, 1, 0);
  fs.unlink(root, "c");
  put(fixture, root, "c", "content of c");
  fs.setTimes(root, "c", 1, 0, 1, 0);
  fs.unlink(root, "d");
  const wanted = new Directory();
  // Rows of the two are not the same.
  for (const name of ["x", "a", "b", "c", "d", "e"]) {
    const row = wanted.add(name, 0);
    wanted.mtime[row] = 100 + row;
    wanted.mtimeNanos[row] = 7;
  }
  const rows = Int32Array.of(-1, 0, 1, 2, 3, 4);
  const { none, wantedWithTime, doneWithTime } = pickMark;
  const marks = new Uint8Array(6).fill(wantedWithTime);
  marks[0] = none;
  marks[5] = none;
  fs.stampFiles?.(root, listing, rows, wanted, 0, 6, marks);
  assert.deepEqual(
    [...marks],
    [none, doneWithTime, wantedWithTime, wantedWithTime, wantedWithTime, none],
  );
  const stat = new Stat();
  const timeOf = (name: string): number => {
    fs.stat(root, name, stat);
    return stat.mtime;
  };
  assert.deepEqual(["a", "b", "c", "e"].map(timeOf), [101, 1, 1, 1]);
  fs.stat(root, "a", stat);
  assert.deepEqual([stat.mtimeNanos, stat.atime], [7, 1]);
  fs.closeDirectory(root);
});
