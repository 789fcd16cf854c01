// Setting permissions, owners and times, by name and by handle.

import assert from "node:assert/strict";
import { type FileSystem, omitTime, type Stat } from "../../../src/fs/index.ts";
import { permissionMask, typeFifo } from "../../../src/tree/index.ts";
import { check, type FsFixture, inside, put, refuses, statOf, using } from "./fixture.ts";

const unchanged = 0xffffffff;

/**
 * Times that careless arithmetic gets wrong: before 1970, 32-bit ends, ns. Seconds from -2^31 to 2446-05-10 are what
 * every file system in use here can hold (ext4's range).
 */
const oddTimes: readonly (readonly [seconds: number, nanos: number])[] = [
  [0, 0],
  [0, 1],
  [-1, 0],
  [-1, 999_999_999],
  [-2, 1],
  [-315_619_200, 123_456_789],
  [-2_147_483_648, 0],
  [2_147_483_647, 999_999_999],
  [2_147_483_648, 5],
  [4_294_967_295, 1],
  [4_294_967_296, 0],
  [4_300_000_000, 987_654_321],
  [15_032_385_535, 0],
  [1_700_000_000, 120_000_000],
];

/** Seconds from which on (2242) a double has no room for microseconds, and doors by node:fs keep whole seconds. */
const farSeconds = 2 ** 33;

/** Asserts a time, cut to the door's step. */
function assertTime(
  fs: FileSystem,
  [seconds, nanos]: readonly [number, number],
  expected: readonly [number, number],
): void {
  const { timeStep } = fs.abilities;
  const isFar = timeStep > 1 && Math.abs(expected[0]) >= farSeconds && nanos === 0;
  const kept = isFar ? 0 : expected[1] - (expected[1] % timeStep);
  assert.deepEqual([seconds, nanos], [expected[0], kept]);
}

function assertTimes(
  fs: FileSystem,
  stat: Stat,
  atime: readonly [number, number],
  mtime: readonly [number, number],
): void {
  assertTime(fs, [stat.mtime, stat.mtimeNanos], mtime);
  assertTime(fs, [stat.atime, stat.atimeNanos], atime);
}

/** Defines the tests of permissions, owners and times. */
export function attributeTests(open: () => FsFixture): void {
  const define = (property: string, body: (fixture: FsFixture) => void) =>
    check(open, property, body);

  define("every permission bit is set as given", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "f");
    fs.makeDirectory(root, "d", 0o755);
    for (const mode of [0, 0o1, 0o644, 0o755, 0o4755, 0o2755, 0o1777, 0o7777, 0o6000, 0o300]) {
      for (const name of ["f", "d"]) {
        fs.setMode(root, name, mode);
        assert.equal(
          statOf(fs, root, name).mode & permissionMask,
          mode,
          `${name} ${mode.toString(8)}`,
        );
      }
    }
    refuses("ENOENT", () => fs.setMode(root, "absent", 0o644));
  });

  define("a mode is never set through a symlink", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "f");
    fs.setMode(root, "f", 0o640);
    fs.makeSymlink(root, "link", "f");
    refuses("EOPNOTSUPP", () => fs.setMode(root, "link", 0o777));
    assert.equal(statOf(fs, root, "f").mode & permissionMask, 0o640);
  });

  define("a mode is set on files that may not be opened", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "f");
    fs.setMode(root, "f", 0);
    fs.setMode(root, "f", 0o600);
    assert.equal(statOf(fs, root, "f").mode & permissionMask, 0o600);
  });

  define("modes are set by handle", (fixture) => {
    const { fs, root } = fixture;
    using(fs, fs.createFile(root, "f", 0o600), (file) => fs.setFileMode(file, 0o4711));
    assert.equal(statOf(fs, root, "f").mode & permissionMask, 0o4711);
    inside(fixture, root, "d", (d) => fs.setDirectoryMode(d, 0o3775));
    assert.equal(statOf(fs, root, "d").mode & permissionMask, 0o3775);
  });

  define("every time is kept, on files, directories and symlinks", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "f");
    fs.makeDirectory(root, "d", 0o755);
    fs.makeSymlink(root, "link", "f");
    const before = statOf(fs, root, "f");
    for (const name of ["link", "d", "f"]) {
      oddTimes.forEach((mtime, index) => {
        const atime = oddTimes[(index + 5) % oddTimes.length];
        fs.setTimes(root, name, ...atime, ...mtime);
        assertTimes(fs, statOf(fs, root, name), atime, mtime);
      });
      if (name === "link") assert.equal(statOf(fs, root, "f").mtime, before.mtime);
    }
    refuses("ENOENT", () => fs.setTimes(root, "absent", 0, 0, 0, 0));
  });

  define("times are set by handle", (fixture) => {
    const { fs, root } = fixture;
    using(fs, fs.createFile(root, "f", 0o600), (file) => {
      for (const mtime of oddTimes) {
        fs.setFileTimes(file, -5, 7, ...mtime);
        assertTimes(fs, statOf(fs, root, "f"), [-5, 7], mtime);
      }
    });
    inside(fixture, root, "d", (d) => {
      for (const mtime of oddTimes) {
        fs.setDirectoryTimes(d, 5, 0, ...mtime);
        assertTimes(fs, statOf(fs, root, "d"), [5, 0], mtime);
      }
    });
  });

  define("a time that is omitted stays", (fixture) => {
    const { fs, root } = fixture;
    put(fixture, root, "f");
    fs.setTimes(root, "f", 11, 0, 22, 0);
    fs.setTimes(root, "f", 0, omitTime, 33, 0);
    assertTimes(fs, statOf(fs, root, "f"), [11, 0], [33, 0]);
    fs.setTimes(root, "f", 44, 0, 99, omitTime);
    assertTimes(fs, statOf(fs, root, "f"), [44, 0], [33, 0]);
    using(fs, fs.openWrite(root, "f"), (file) => fs.setFileTimes(file, 0, omitTime, 55, 0));
    assertTimes(fs, statOf(fs, root, "f"), [44, 0], [55, 0]);
    inside(fixture, root, "d", (d) => {
      fs.setDirectoryTimes(d, 1, 0, 2, 0);
      fs.setDirectoryTimes(d, 0, omitTime, 3, 0);
    });
    assertTimes(fs, statOf(fs, root, "d"), [1, 0], [3, 0]);
  });

  define("times and modes reach pipes without opening them", (fixture) => {
    const { fs, root } = fixture;
    try {
      fs.makeNode(root, "pipe", typeFifo | 0o600, 0, 0);
    } catch {
      return; // This door cannot make one; entries.ts has the test of that.
    }
    fs.setTimes(root, "pipe", 1, 0, 2, 0);
    fs.setMode(root, "pipe", 0o644);
    const stat = statOf(fs, root, "pipe");
    assert.equal(stat.mode, typeFifo | 0o644);
    assert.equal(stat.mtime, 2);
  });

  define("owner and group are set separately, of a symlink itself", (fixture) => {
    const { fs, root, obeysPermissions } = fixture;
    put(fixture, root, "f");
    fs.setOwner(root, "f", unchanged, unchanged);
    refuses("ENOENT", () => fs.setOwner(root, "absent", unchanged, unchanged));
    if (obeysPermissions) {
      refuses("EPERM", () => fs.setOwner(root, "f", 0, unchanged));
      return;
    }
    fs.makeSymlink(root, "link", "f");
    const owner = (name: string) => [statOf(fs, root, name).uid, statOf(fs, root, name).gid];
    fs.setOwner(root, "f", 1234, 4321);
    fs.setOwner(root, "link", 5, 6);
    assert.deepEqual(owner("f"), [1234, 4321]);
    assert.deepEqual(owner("link"), [5, 6]);
    fs.setOwner(root, "f", unchanged, 77);
    assert.deepEqual(owner("f"), [1234, 77]);
    fs.setOwner(root, "f", 4_000_000_000, unchanged);
    assert.deepEqual(owner("f"), [4_000_000_000, 77]);
  });

  define("owners are set by handle", (fixture) => {
    const { fs, root, obeysPermissions } = fixture;
    if (obeysPermissions) return;
    using(fs, fs.createFile(root, "f", 0o600), (file) => fs.setFileOwner(file, 12, 13));
    inside(fixture, root, "d", (d) => fs.setDirectoryOwner(d, 14, unchanged));
    assert.equal(statOf(fs, root, "f").uid, 12);
    assert.equal(statOf(fs, root, "f").gid, 13);
    assert.equal(statOf(fs, root, "d").uid, 14);
  });
}
