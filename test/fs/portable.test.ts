// The portable door: the conformance suite with descriptors on disk and in memory, by paths, and
// for a user; random operations against the Linux door; what node:fs gets wrong with times.

import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  type FileSystem,
  linuxFileSystem,
  omitTime,
  type PortableOptions,
  portableFileSystem,
} from "../../src/fs/index.ts";
import { loadSystemCalls } from "../../src/native/index.ts";
import { Directory } from "../../src/tree/index.ts";
import { exists, inside, namesOf, put, refuses, statOf } from "../suites/fs/fixture.ts";
import { linkSettingTests } from "../suites/fs/operator-paths.ts";
import { type FsFixture, fsSuite } from "../suites/fs-suite.ts";
import { Player, playBoth, type Step, sameOutcome, steps } from "../support/door-duel.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { openDescriptors } from "./open-descriptors.ts";

const calls = loadSystemCalls();
const isRoot = process.geteuid?.() === 0;
const memory = existsSync("/dev/shm") ? "/dev/shm" : undefined;
const isLong = process.env.MANIFOLD_LONG === "1";
const user = { uid: 1000, gid: 1000 };

/** A door and an empty folder; as root it can act for a user meanwhile. */
function open(
  parent: string | undefined,
  options: PortableOptions = {},
  as?: typeof user,
): FsFixture {
  const folder = temporaryFolder(parent);
  chmodSync(folder.path, 0o755);
  if (as !== undefined) {
    chownSync(folder.path, as.uid, as.gid);
    process.setegid?.(as.gid);
    process.seteuid?.(as.uid);
  }
  const fs = portableFileSystem(options);
  const root = fs.openRoot(folder.path);
  return {
    fs,
    root,
    path: folder.path,
    obeysPermissions: process.geteuid?.() !== 0,
    close: () => {
      fs.closeDirectory(root);
      if (as !== undefined) {
        process.seteuid?.(0);
        process.setegid?.(0);
      }
      const left = openDescriptors(folder.path);
      folder.remove();
      assert.deepEqual(left, [], "every descriptor is closed");
    },
  };
}

if (isLong) fsSuite("portable", () => open(undefined));
fsSuite("portable in memory", () => open(memory));
fsSuite("portable by paths", () => open(memory, { byPath: true }));
linkSettingTests("portable", (links) => portableFileSystem({ links }));
linkSettingTests("portable by paths", (links) => portableFileSystem({ links, byPath: true }));
if (isRoot) fsSuite("portable for a user", () => open(memory, {}, user));

function check(property: string, body: (fixture: FsFixture) => void): void {
  test(property, () => {
    const fixture = open(memory);
    try {
      body(fixture);
    } finally {
      fixture.close();
    }
  });
}

check("times are exact to the microsecond, of any sign", (fixture) => {
  const { fs, root } = fixture;
  put(fixture, root, "f");
  // 2^33 s: beyond, a double has no room for microseconds.
  const seconds = fc.integer({ min: -(2 ** 31), max: 2 ** 33 - 1 });
  const nanos = fc.integer({ min: 0, max: 999_999_999 });
  const property = fc.property(seconds, nanos, (mtime, mtimeNanos) => {
    fs.setTimes(root, "f", mtime, mtimeNanos, mtime, mtimeNanos);
    const stat = statOf(fs, root, "f");
    const wanted = [mtime, mtimeNanos - (mtimeNanos % 1000)];
    assert.deepEqual([stat.mtime, stat.mtimeNanos], wanted);
    assert.deepEqual([stat.atime, stat.atimeNanos], wanted);
  });
  fc.assert(property, { numRuns: isLong ? 20_000 : 1000 });
});

check("a time that is left alone keeps its microseconds", (fixture) => {
  const { fs, root } = fixture;
  put(fixture, root, "f");
  fs.setTimes(root, "f", -5, 123_456_000, -7, 999_999_000);
  for (const turn of [1, 2, 3]) {
    fs.setTimes(root, "f", 0, omitTime, turn, 0);
    fs.setTimes(root, "f", turn, 0, 0, omitTime);
    fs.setTimes(root, "f", -5, 123_456_000, 0, omitTime);
  }
  const { atime, atimeNanos, mtime, mtimeNanos } = statOf(fs, root, "f");
  assert.deepEqual([atime, atimeNanos, mtime, mtimeNanos], [-5, 123_456_000, 3, 0]);
});

check("a directory that may be taken is not replaced, whatever comes between", (fixture) => {
  const { fs, root } = fixture;
  inside(fixture, root, "full", (full) => put(fixture, full, "x", "kept"));
  fs.makeDirectory(root, "empty", 0o755);
  refuses("EEXIST", () => fs.rename(root, "full", root, "empty", "no-replace"));
  const full = fs.openDirectory(root, "full");
  refuses("EINVAL", () => fs.rename(root, "full", full, "below", "no-replace"));
  assert.deepEqual(namesOf(fs, full), ["x"], "nothing is left of the attempt");
  fs.closeDirectory(full);
  fs.rename(root, "full", root, "moved", "no-replace");
  assert.ok(exists(fs, root, "moved") && !exists(fs, root, "full"));
});

test("by paths, a handle whose directory was moved or exchanged for a link is refused", () => {
  const fixture = open(memory, { byPath: true });
  const { fs, root, path } = fixture;
  try {
    fs.makeDirectory(root, "outside", 0o755);
    fs.makeDirectory(root, "d", 0o755);
    const pinned = fs.openDirectory(root, "d");
    const below = inside(fixture, pinned, "e", () => fs.openDirectory(pinned, "e"));
    renameSync(`${path}/d`, `${path}/moved`);
    refuses("ENOENT", () => put(fixture, pinned, "x"));
    symlinkSync("outside", `${path}/d`);
    mkdirSync(`${path}/outside/e`);
    for (const handle of [pinned, below]) {
      refuses("ESTALE", () => put(fixture, handle, "x"));
      refuses("ESTALE", () => fs.setDirectoryMode(handle, 0o700));
      refuses("ESTALE", () => namesOf(fs, handle));
    }
    assert.deepEqual(readdirSync(`${path}/outside`), ["e"]);
    fs.closeDirectory(below);
    fs.closeDirectory(pinned);
  } finally {
    fixture.close();
  }
});

check("a listing of 100,000 names is complete", (fixture) => {
  const { fs, root } = fixture;
  const count = isLong ? 100_000 : 5_000;
  put(fixture, root, "0");
  for (let i = 1; i < count; i++) fs.link(root, "0", root, String(i));
  const listing = new Directory();
  fs.readNames(root, listing);
  assert.equal(listing.count, count);
});

test("devices and numbers are read as the Linux door reads them", {
  skip: calls === undefined,
}, () => {
  assert.ok(calls !== undefined);
  const [portable, linux] = [portableFileSystem(), linuxFileSystem(calls)];
  for (const path of ["/dev", "/usr/bin"]) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) continue;
    const read = (fs: FileSystem): string[] => {
      const root = fs.openRoot(path);
      const listing = new Directory();
      fs.readNames(root, listing);
      fs.statEntries(root, listing, 0, listing.count);
      const lines = Array.from({ length: listing.count }, (_, i) =>
        [
          listing.name(i),
          ...[listing.mode[i], listing.size[i], listing.uid[i], listing.gid[i], listing.nlink[i]],
          ...[listing.devMajor[i], listing.devMinor[i], listing.rdevMajor[i], listing.rdevMinor[i]],
          ...[listing.inoHigh[i], listing.inoLow[i], listing.mtime[i], listing.mtimeNanos[i]],
        ].join(" "),
      ).sort();
      fs.closeDirectory(root);
      return lines;
    };
    // Other tests make folders in /dev/shm: what has changed meanwhile is read again.
    let [one, other, again] = [read(portable), read(linux), read(portable)];
    for (let n = 0; n < 100 && String(one) !== String(again); n++) {
      [one, other, again] = [again, read(linux), read(portable)];
    }
    assert.deepEqual(one, other, path);
  }
});

/**
 * Steps without those in which the two doors differ by design: no exchange, and where no-replace is played no time is
 * set, because a directory that could not be moved has changed its parent's time in vain.
 */
function comparable(list: readonly Step[], noReplace: boolean): Step[] {
  const kept = list.filter(({ operation }) => !(noReplace && operation.endsWith("Times")));
  return kept.map((step) => {
    const isRename = step.operation === "rename";
    return isRename ? { ...step, value: noReplace ? 2 : 0 } : step;
  });
}

/**
 * Whether a directory can be read is decided when it is pinned by a descriptor, and when it is read by a path. A rename made of
 * several calls may see another of several obstacles first.
 */
function forgiving(byCall: string, byPath: string, step: Step): boolean {
  if (sameOutcome(byCall, byPath)) return true;
  if (step.operation === "rename") return [byCall, byPath].every((text) => /^E[A-Z]+$/.test(text));
  const isListing = step.operation === "names" || step.operation === "types";
  return isListing && [byCall, byPath].includes("EACCES");
}

const played = steps(["makeNode", "setXattr", "getXattr", "listXattrs", "removeXattr"], 60);
const skip = calls === undefined ? "needs system calls" : false;

function duel(list: readonly Step[], noReplace: boolean, as?: typeof user): void {
  assert.ok(calls !== undefined);
  using folder = temporaryFolder(memory);
  chmodSync(folder.path, 0o755);
  const players = [linuxFileSystem(calls), portableFileSystem()].map((fs, index) => {
    const path = folder.at(`${index}`);
    mkdirSync(path);
    // Alone in its parent, so that ".." leads to the same.
    mkdirSync(`${path}/root`, { mode: 0o777 });
    if (as !== undefined) chownSync(`${path}/root`, as.uid, as.gid);
    const root = fs.openRoot(`${path}/root`);
    const player = new Player(fs, root);
    fs.closeDirectory(root);
    return player;
  }) as [Player, Player];
  try {
    if (as !== undefined) {
      process.setegid?.(as.gid);
      process.seteuid?.(as.uid);
    }
    playBoth(players, comparable(list, noReplace), forgiving);
  } finally {
    if (as !== undefined) {
      process.seteuid?.(0);
      process.setegid?.(0);
    }
    const [told, found] = players.map((player) => player.finish());
    assert.deepEqual(found, told);
  }
}

const runs = { numRuns: isLong ? 4_000 : 60, includeErrorInReport: true };

test("random operations have the outcome they have by system calls", { skip }, () => {
  fc.assert(
    fc.property(played, fc.boolean(), (list, noReplace) => duel(list, noReplace)),
    runs,
  );
});

test("a name that may not go is not given twice", { skip: isRoot ? skip : "needs root" }, () => {
  const step = { dir: 0, file: 0, name: 9, other: 0, value: 0 };
  const list: Step[] = [
    { ...step, operation: "makeDirectory", value: 120 },
    { ...step, operation: "openDirectory" },
    { ...step, operation: "makeSymlink", name: 8 },
    { ...step, operation: "setDirectoryMode", name: 0, value: 281 },
    { ...step, operation: "rename", name: 8, other: 3 },
  ];
  duel(list, true, user);
});

test("random operations of a user have it too", { skip: isRoot ? skip : "needs root" }, () => {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  try {
    fc.assert(
      fc.property(played, fc.boolean(), (list, noReplace) => duel(list, noReplace, user)),
      runs,
    );
  } finally {
    process.setgroups?.(groups);
  }
});
