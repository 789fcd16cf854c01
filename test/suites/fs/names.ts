// Names are bytes of one component; listing them tells each once with its type.

import assert from "node:assert/strict";
import type { ByteString } from "../../../src/base/index.ts";
import { type DirHandle, type FileSystem, Stat } from "../../../src/fs/index.ts";
import { Directory, typeMask, typeRegular, typeSocket } from "../../../src/tree/index.ts";
import {
  check,
  type FsFixture,
  get,
  inside,
  namesOf,
  oddNames,
  put,
  refuses,
  statOf,
} from "./fixture.ts";

/** Every operation that takes a name, applied to one. */
const operations: Record<string, (fs: FileSystem, dir: DirHandle, name: ByteString) => unknown> = {
  stat: (fs, dir, name) => {
    if (!fs.stat(dir, name, new Stat())) throw new Error("stat says absent");
  },
  readLink: (fs, dir, name) => fs.readLink(dir, name),
  openRead: (fs, dir, name) => fs.openRead(dir, name),
  openReadBeneath: (fs, dir, name) => fs.openRead(dir, name, { follow: "beneath" }),
  openReadAnywhere: (fs, dir, name) => fs.openRead(dir, name, { follow: "anywhere" }),
  createFile: (fs, dir, name) => fs.createFile(dir, name, 0o600),
  openWrite: (fs, dir, name) => fs.openWrite(dir, name),
  makeDirectory: (fs, dir, name) => fs.makeDirectory(dir, name, 0o755),
  makeSymlink: (fs, dir, name) => fs.makeSymlink(dir, name, "target"),
  makeNode: (fs, dir, name) => fs.makeNode(dir, name, typeSocket | 0o600, 0, 0),
  linkFrom: (fs, dir, name) => fs.link(dir, name, dir, "fresh"),
  linkTo: (fs, dir, name) => fs.link(dir, "there", dir, name),
  renameFrom: (fs, dir, name) => fs.rename(dir, name, dir, "fresh"),
  renameTo: (fs, dir, name) => fs.rename(dir, "there", dir, name),
  exchangeTo: (fs, dir, name) => fs.rename(dir, "there", dir, name, "exchange"),
  unlink: (fs, dir, name) => fs.unlink(dir, name),
  removeDirectory: (fs, dir, name) => fs.removeDirectory(dir, name),
  setMode: (fs, dir, name) => fs.setMode(dir, name, 0o600),
  setOwner: (fs, dir, name) => fs.setOwner(dir, name, 0xffffffff, 0xffffffff),
  setTimes: (fs, dir, name) => fs.setTimes(dir, name, 0, 0, 0, 0),
};

/** Those that look at an attribute, where the empty name is the directory itself. */
const xattrOperations: typeof operations = {
  listXattrs: (fs, dir, name) => fs.listXattrs(dir, name),
  getXattr: (fs, dir, name) => fs.getXattr(dir, name, "user.a"),
  setXattr: (fs, dir, name) => fs.setXattr(dir, name, "user.a", new Uint8Array(1)),
  removeXattr: (fs, dir, name) => fs.removeXattr(dir, name, "user.a"),
};

/** Defines the tests of names and listings. */
export function nameTests(open: () => FsFixture): void {
  const define = (property: string, body: (fixture: FsFixture) => void) =>
    check(open, property, body);

  define("every byte a name can have survives", (fixture) => {
    const { fs, root } = fixture;
    for (const name of oddNames) put(fixture, root, name, name);
    assert.deepEqual(namesOf(fs, root), [...oddNames].sort());
    for (const name of oddNames) assert.equal(get(fixture, root, name), name);
    for (const name of oddNames) fs.unlink(root, name);
    assert.deepEqual(namesOf(fs, root), []);
  });

  define("odd names work as directories and as link targets", (fixture) => {
    const { fs, root } = fixture;
    for (const name of oddNames) {
      inside(fixture, root, name, (dir) => fs.makeSymlink(dir, "link", `../${name}`));
      const through = fs.openDirectory(root, `${name}/link`, "beneath");
      assert.equal(fs.readLink(through, "link"), `../${name}`);
      fs.closeDirectory(through);
    }
  });

  define("a name of 256 bytes is too long for every operation", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "there");
    for (const length of [256, 5000, 70_000]) {
      for (const operation of Object.values(operations)) {
        refuses("ENAMETOOLONG", () => operation(fs, root, "y".repeat(length)));
      }
    }
    assert.deepEqual(namesOf(fs, root), ["there"]);
  });

  define("a name that is not one component is refused by every operation", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "there", "safe");
    inside(fixture, root, "dir", (dir) => {
      put(fixture, dir, "below", "safe");
      for (const operation of Object.values(operations)) {
        for (const name of [".", "..", "dir/below", "../there", "/", "there/", "there\0x", "\0"]) {
          refuses(["EINVAL", "ENOENT"], () => operation(fs, dir, name));
        }
        refuses(["EINVAL", "ENOENT"], () => operation(fs, dir, ""));
      }
      for (const operation of Object.values(xattrOperations)) {
        for (const name of [".", "..", "dir/below", "../there", "there\0x"]) {
          refuses(["EINVAL", "ENOENT", "EOPNOTSUPP"], () => operation(fs, dir, name));
        }
      }
      assert.deepEqual(namesOf(fs, dir), ["below"]);
    });
    assert.deepEqual(namesOf(fs, root), ["dir", "there"]);
    assert.equal(get(fixture, root, "there"), "safe");
  });

  define("a listing has each of 3,000 names once", (fixture) => {
    const { fs, root } = fixture;
    // 380 KB of records, more than any door reads at a time.
    const names = Array.from(
      { length: 3000 },
      (_, index) => `name-${index}-${"z".repeat(index % 200)}`,
    );
    put(fixture, root, names[0]);
    for (const name of names.slice(1)) fs.link(root, names[0], root, name);
    assert.deepEqual(namesOf(fs, root), names.sort());
  });

  define("a listing is appended to what the columns hold, and can be read again", (fixture) => {
    const { fs, root } = fixture;
    for (const name of ["a", "bb", "ccc"]) put(fixture, root, name);
    const listing = new Directory();
    listing.add("first", typeRegular);
    fs.readNames(root, listing);
    assert.equal(listing.count, 4);
    assert.equal(listing.name(0), "first");
    put(fixture, root, "dddd");
    fs.readNames(root, listing);
    const names = Array.from({ length: listing.count }, (_, index) => listing.name(index)).sort();
    assert.deepEqual(names, ["a", "a", "bb", "bb", "ccc", "ccc", "dddd", "first"]);
  });

  define("listed entries have their type, zeroed flags and a NUL behind the name", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "file");
    fs.makeDirectory(root, "dir", 0o700);
    fs.makeSymlink(root, "link", "file");
    const listing = new Directory();
    listing.reserve(8);
    for (const column of [listing.problem, listing.verdict, listing.origin]) column.fill(9);
    fs.readNames(root, listing);
    assert.equal(listing.count, 3);
    for (let i = 0; i < listing.count; i++) {
      const type = statOf(fs, root, listing.name(i)).mode & typeMask;
      assert.ok(listing.mode[i] === type || listing.mode[i] === 0);
      assert.deepEqual([listing.problem[i], listing.verdict[i], listing.origin[i]], [0, 0, 0]);
      assert.equal(listing.names[listing.nameStart[i] + listing.nameLength[i]], 0);
    }
  });

  define("names are listed into room of any size", (fixture) => {
    const { fs, root } = fixture;
    const names = Array.from({ length: 300 }, (_, index) => `${index}`.padStart(250, "0"));
    for (const name of names) put(fixture, root, name);
    for (const used of [0, 1, 7, 65_530, 65_536]) {
      const listing = new Directory();
      if (used > 0) listing.add("o".repeat(used - 1), typeRegular);
      fs.readNames(root, listing);
      const found = Array.from({ length: listing.count }, (_, index) => listing.name(index));
      if (used > 0) assert.equal(found.shift()?.length, used - 1);
      assert.deepEqual(found.sort(), names);
    }
  });
}
