// Renaming: what replaces what, and the two modes that do not replace.

import assert from "node:assert/strict";
import {
  check,
  exists,
  type FsFixture,
  get,
  inside,
  namesOf,
  put,
  refuses,
  statOf,
} from "./fixture.ts";

/** Defines the tests of renaming. */
export function renameTests(open: () => FsFixture): void {
  const define = (property: string, body: (fixture: FsFixture) => void) =>
    check(open, property, body);

  define("a rename moves the entry, across directories too, and replaces a file", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "a", "new");
    put(fixture, root, "b", "old");
    const { inoLow } = statOf(fs, root, "a");
    fs.rename(root, "a", root, "b");
    assert.equal(get(fixture, root, "b"), "new");
    assert.equal(statOf(fs, root, "b").inoLow, inoLow);
    inside(fixture, root, "d", (d) => {
      fs.rename(root, "b", d, "c");
      assert.equal(get(fixture, d, "c"), "new");
    });
    assert.deepEqual(namesOf(fs, root), ["d"]);
    refuses("ENOENT", () => fs.rename(root, "absent", root, "x"));
  });

  define("a symlink is renamed and replaced itself", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "file", "kept");
    fs.makeSymlink(root, "link", "file");
    put(fixture, root, "new", "new");
    fs.rename(root, "new", root, "link");
    assert.equal(get(fixture, root, "link"), "new");
    assert.equal(get(fixture, root, "file"), "kept");
    fs.makeSymlink(root, "l", "file");
    fs.rename(root, "l", root, "m");
    assert.equal(fs.readLink(root, "m"), "file");
  });

  define("files and directories do not replace one another", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "file");
    fs.makeDirectory(root, "empty", 0o755);
    inside(fixture, root, "full", (full) => put(fixture, full, "x"));
    refuses("EISDIR", () => fs.rename(root, "file", root, "empty"));
    refuses("ENOTDIR", () => fs.rename(root, "full", root, "file"));
    refuses(["ENOTEMPTY", "EEXIST"], () => fs.rename(root, "empty", root, "full"));
    fs.rename(root, "full", root, "empty");
    const moved = fs.openDirectory(root, "empty");
    assert.deepEqual(namesOf(fs, moved), ["x"]);
    refuses("EINVAL", () => fs.rename(root, "empty", moved, "below"));
    fs.closeDirectory(moved);
  });

  define("a rename between two names of one file leaves both", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "one", "content");
    fs.link(root, "one", root, "two");
    fs.rename(root, "one", root, "two");
    assert.deepEqual(namesOf(fs, root), ["one", "two"]);
  });

  define("no-replace leaves a taken name alone", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "a", "a");
    put(fixture, root, "b", "b");
    fs.makeSymlink(root, "dangling", "nowhere");
    fs.makeDirectory(root, "d", 0o755);
    fs.makeDirectory(root, "e", 0o755);
    for (const taken of ["b", "dangling", "d"])
      refuses("EEXIST", () => fs.rename(root, "a", root, taken, "no-replace"));
    refuses("EEXIST", () => fs.rename(root, "d", root, "e", "no-replace"));
    refuses("ENOENT", () => fs.rename(root, "absent", root, "x", "no-replace"));
    assert.equal(get(fixture, root, "b"), "b");
    fs.rename(root, "a", root, "free", "no-replace");
    assert.equal(get(fixture, root, "free"), "a");
    assert.ok(!exists(fs, root, "a"));
    fs.rename(root, "d", root, "freeDir", "no-replace");
    assert.deepEqual(namesOf(fs, root), ["b", "dangling", "e", "free", "freeDir"]);
  });

  define("exchange swaps any two entries at once", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "file", "content");
    inside(fixture, root, "dir", (dir) => put(fixture, dir, "x"));
    if (!fs.abilities.renameFlags) {
      refuses(["EINVAL", "ENOSYS", "EOPNOTSUPP"], () =>
        fs.rename(root, "file", root, "dir", "exchange"),
      );
      return;
    }
    fs.rename(root, "file", root, "dir", "exchange");
    assert.equal(get(fixture, root, "dir"), "content");
    const swapped = fs.openDirectory(root, "file");
    assert.deepEqual(namesOf(fs, swapped), ["x"]);
    fs.rename(swapped, "x", root, "dir", "exchange");
    assert.equal(get(fixture, swapped, "x"), "content");
    fs.closeDirectory(swapped);
    refuses("ENOENT", () => fs.rename(root, "file", root, "absent", "exchange"));
  });
}
