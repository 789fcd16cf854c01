// Reading attributes: one entry, many entries, a handle; all three tell the same.

import assert from "node:assert/strict";
import { errno, toBytes } from "../../../src/base/index.ts";
import { type FileSystem, Stat } from "../../../src/fs/index.ts";
import {
  Directory,
  typeDirectory,
  typeMask,
  typeRegular,
  typeSymlink,
} from "../../../src/tree/index.ts";
import { check, type FsFixture, oddNames, put, statOf, using } from "./fixture.ts";

/** The columns of a listing that statEntries fills. */
const columns = [
  "mode",
  "size",
  "mtime",
  "mtimeNanos",
  "ctime",
  "ctimeNanos",
  "atime",
  "atimeNanos",
  "crtime",
  "crtimeNanos",
  "blocks",
  "uid",
  "gid",
  "nlink",
  "devMajor",
  "devMinor",
  "inoHigh",
  "inoLow",
  "rdevMajor",
  "rdevMinor",
] as const;

function entryStat(listing: Directory, index: number): Stat {
  const stat = new Stat();
  for (const column of columns) stat[column] = listing[column][index];
  return stat;
}

/** One entry of each kind that needs no privileges. */
function populate(fixture: FsFixture): void {
  const { fs, root } = fixture;
  put(fixture, root, "file", "content");
  fs.link(root, "file", root, "twin");
  fs.makeDirectory(root, "dir", 0o755);
  fs.makeSymlink(root, "link", "file");
  fs.makeSymlink(root, "dangling", "nowhere at all");
  fs.makeSymlink(root, "loop", "loop");
}

/** Defines the tests of reading attributes. */
export function statTests(open: () => FsFixture): void {
  const define = (property: string, body: (fixture: FsFixture) => void) =>
    check(open, property, body);

  define("type, size and link count are those of the entry itself", (fixture) => {
    const { fs, root } = fixture;
    populate(fixture);
    const file = statOf(fs, root, "file");
    assert.equal(file.mode & typeMask, typeRegular);
    assert.equal(file.size, 7);
    assert.equal(file.nlink, 2);
    const twin = statOf(fs, root, "twin");
    assert.deepEqual(twin, file);
    const dir = statOf(fs, root, "dir");
    assert.equal(dir.mode & typeMask, typeDirectory);
    assert.notDeepEqual([dir.inoHigh, dir.inoLow], [file.inoHigh, file.inoLow]);
    assert.deepEqual([dir.devMajor, dir.devMinor], [file.devMajor, file.devMinor]);
    const link = statOf(fs, root, "dangling");
    assert.equal(link.mode & typeMask, typeSymlink);
    assert.equal(link.size, "nowhere at all".length);
  });

  define("an absent name is false, and so is a dangling link that is followed", (fixture) => {
    const { fs, root } = fixture;
    populate(fixture);
    const stat = new Stat();
    assert.equal(fs.stat(root, "absent", stat), false);
    assert.equal(fs.stat(root, "dangling", stat, true), false);
    assert.equal(fs.stat(root, "dangling", stat, false), true);
    assert.deepEqual(statOf(fs, root, "link", true), statOf(fs, root, "file"));
  });

  define("handles tell what their names tell", (fixture) => {
    const { fs, root } = fixture;
    populate(fixture);
    const stat = new Stat();
    using(fs, fs.openRead(root, "file"), (file) => fs.statFile(file, stat));
    assert.deepEqual(stat, statOf(fs, root, "file"));
    const dir = fs.openDirectory(root, "dir");
    fs.statDirectory(dir, stat);
    fs.closeDirectory(dir);
    assert.deepEqual(stat, statOf(fs, root, "dir"));
  });

  define("entries are filled with what stat tells of each", (fixture) => {
    const { fs, root } = fixture;
    populate(fixture);
    for (const name of oddNames)
      if (name !== "x") put(fixture, root, `o${name}`.slice(0, 255), name);
    const listing = new Directory();
    fs.readNames(root, listing);
    fs.statEntries(root, listing, 0, listing.count);
    assertEntries(fs, fixture, listing, false);
    fs.statEntries(root, listing, 0, listing.count, true);
    assertEntries(fs, fixture, listing, true);
  });

  define("entries of a frozen listing are filled where they lie", (fixture) => {
    const { fs, root } = fixture;
    populate(fixture);
    const listing = new Directory();
    fs.readNames(root, listing);
    const thawed = Directory.thaw(listing.freeze());
    fs.statEntries(root, thawed, 0, thawed.count);
    assertEntries(fs, fixture, thawed, false);
  });

  define("an absent entry gets mode 0 and ENOENT, the others are filled", (fixture) => {
    const { fs, root } = fixture;
    populate(fixture);
    const listing = new Directory();
    for (const name of ["absent", "file", "gone", "dir", "x".repeat(256), "link"])
      listing.add(name, typeRegular);
    fs.statEntries(root, listing, 0, listing.count);
    assert.deepEqual(
      [...listing.problem.subarray(0, 6)],
      [errno.ENOENT, 0, errno.ENOENT, 0, errno.ENAMETOOLONG, 0],
    );
    assert.deepEqual(
      [0, 2, 4].map((index) => listing.mode[index]),
      [0, 0, 0],
    );
    assert.deepEqual(entryStat(listing, 1), statOf(fs, root, "file"));
    assert.deepEqual(entryStat(listing, 5), statOf(fs, root, "link"));
    put(fixture, root, "absent");
    fs.statEntries(root, listing, 0, 1);
    assert.equal(listing.problem[0], 0);
    assert.deepEqual(entryStat(listing, 0), statOf(fs, root, "absent"));
  });

  define("the entry of the name . is the directory itself", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "file");
    const listing = new Directory();
    listing.add(".", 0);
    listing.add("file", 0);
    fs.statEntries(root, listing, 0, 2);
    const own = new Stat();
    fs.statDirectory(root, own);
    assert.deepEqual(entryStat(listing, 0), own);
    assert.deepEqual(entryStat(listing, 1), statOf(fs, root, "file"));
  });

  define("only the entries asked for are touched", (fixture) => {
    const { fs, root } = fixture;
    for (const name of ["a", "b", "c", "d"]) put(fixture, root, name, name);
    const listing = new Directory();
    for (const name of ["a", "b", "c", "d"]) listing.add(name, typeRegular);
    for (const column of columns) listing[column].fill(77);
    fs.statEntries(root, listing, 1, 3);
    assert.deepEqual([...listing.size.subarray(0, 4)], [77, 1, 1, 77]);
    assert.deepEqual(entryStat(listing, 1), statOf(fs, root, "b"));
    fs.statEntries(root, listing, 2, 2);
  });

  define("following a link in a circle is a problem of that entry", (fixture) => {
    const { fs, root } = fixture;
    populate(fixture);
    const listing = new Directory();
    listing.add("loop", typeSymlink);
    listing.add("link", typeSymlink);
    fs.statEntries(root, listing, 0, 2, true);
    assert.equal(listing.problem[0], errno.ELOOP);
    assert.equal(listing.mode[1] & typeMask, typeRegular);
  });

  define("a file of 5 GiB with nothing in it has its size and few blocks", (fixture) => {
    const { fs, root } = fixture;
    const size = 5 * 2 ** 30 + 3;
    using(fs, fs.createFile(root, "large", 0o600), (file) => {
      fs.truncate(file, size);
      const stat = new Stat();
      fs.statFile(file, stat);
      assert.equal(stat.size, size);
      fs.write(file, toBytes("end"), 0, 3, size - 3);
    });
    assert.equal(statOf(fs, root, "large").size, size);
    if (fs.abilities.holes) assert.ok(statOf(fs, root, "large").blocks < 20_000);
  });
}

function assertEntries(
  fs: FileSystem,
  { root }: FsFixture,
  listing: Directory,
  follow: boolean,
): void {
  for (let i = 0; i < listing.count; i++) {
    const name = listing.name(i);
    const stat = new Stat();
    if (follow && name === "loop") assert.equal(listing.problem[i], errno.ELOOP);
    else if (fs.stat(root, name, stat, follow)) assert.deepEqual(entryStat(listing, i), stat, name);
    else assert.deepEqual([listing.mode[i], listing.problem[i]], [0, errno.ENOENT], name);
  }
}
