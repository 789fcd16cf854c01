// The memory door: the conformance suite on each of the file systems it can pretend to be, and what a
// test can make of it: limits, second devices, names without case, clocks, counts, copies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromText, toBytes } from "../../src/base/index.ts";
import {
  type DirHandle,
  type MemoryFileSystem,
  type MemoryOptions,
  memoryFileSystem,
  omitTime,
  Stat,
} from "../../src/fs/index.ts";
import { Directory, typeBlock, typeCharacter } from "../../src/tree/index.ts";
import { get, inside, namesOf, put, refuses, statOf, using } from "../suites/fs/fixture.ts";
import { type FsFixture, fsSuite } from "../suites/fs-suite.ts";
import {
  assertSameTree,
  fileSystemPlace,
  readTree,
  varietyTree,
  writeTree,
} from "../support/index.ts";

interface MemoryFixture extends FsFixture {
  readonly fs: MemoryFileSystem;
}

/** A door and its top. */
function open(options: MemoryOptions = {}): MemoryFixture {
  const fs = memoryFileSystem(options);
  if (options.user !== undefined) {
    fs.become({ uid: 0, gid: 0 });
    const top = fs.openRoot("/");
    fs.setDirectoryOwner(top, options.user.uid, options.user.gid);
    fs.closeDirectory(top);
    fs.become(options.user);
  }
  const root = fs.openRoot("/");
  const obeysPermissions = options.user !== undefined && options.user.uid !== 0;
  const close = (): void => {
    fs.closeDirectory(root);
    assert.equal(fs.openHandles, 0, "every handle is closed");
  };
  return { fs, root, obeysPermissions, close };
}

function check(
  property: string,
  options: MemoryOptions,
  body: (fixture: MemoryFixture) => void,
): void {
  test(property, () => {
    const fixture = open(options);
    body(fixture);
    fixture.close();
  });
}

const plain = {
  timeStep: 1000,
  xattrs: false,
  specials: false,
  devices: false,
  holes: false,
  kernelCopy: false,
  renameFlags: false,
  confined: false,
};

fsSuite("memory", () => open());
fsSuite("memory for a user", () => open({ user: { uid: 1000, gid: 1000, groups: [4] } }));
fsSuite("memory that can do little", () => open({ abilities: plain, untypedNames: true }));
fsSuite("memory below a mount point", () => {
  const { fs, root } = open();
  fs.makeDirectory(root, "mnt", 0o755);
  fs.mount("/mnt", {});
  fs.closeDirectory(root);
  const mounted = fs.openRoot("/mnt");
  const close = (): void => fs.closeDirectory(mounted);
  return { fs, root: mounted, obeysPermissions: false, close };
});

check("content that exceeds the quota is ENOSPC, what was there before stays", {}, (fixture) => {
  const { fs, root } = fixture;
  fs.adjust("/", { quotaBytes: 3 * 4096 });
  put(fixture, root, "f", "x".repeat(8192));
  assert.equal(fs.freeBytes(root), 4096);
  using(fs, fs.createFile(root, "g", 0o600), (file) => {
    refuses("ENOSPC", () => fs.write(file, toBytes("y".repeat(5000)), 0, 5000, 0));
    assert.equal(statOf(fs, root, "g").size, 4096);
    refuses("ENOSPC", () => fs.allocate(file, 0, 8192));
    using(fs, fs.openRead(root, "f"), (from) => {
      refuses("ENOSPC", () => fs.copyRange(from, 0, file, 4096, 8192));
      refuses("ENOSPC", () => fs.clone(from, file));
    });
  });
  assert.equal(get(fixture, root, "f"), "x".repeat(8192));
  fs.unlink(root, "g");
  const held = fs.openRead(root, "f");
  fs.unlink(root, "f");
  assert.equal(fs.freeBytes(root), 4096, "a file that is open keeps its space");
  fs.closeFile(held);
  assert.deepEqual(fs.used("/"), { bytes: 0, inodes: 1 });
});

check("holes take nothing from the quota", { quotaBytes: 8192 }, ({ fs, root }) => {
  using(fs, fs.createFile(root, "f", 0o600), (file) => {
    fs.truncate(file, 2 ** 40);
    fs.write(file, toBytes("end"), 0, 3, 2 ** 40 - 3);
    assert.equal(fs.freeBytes(root), 4096);
    fs.punchHole(file, 2 ** 40 - 4096, 4096);
    assert.equal(fs.freeBytes(root), 8192);
    fs.truncate(file, 0);
  });
  assert.equal(fs.used("/").bytes, 0);
});

check("a volume takes so many inodes and no more", { inodesMax: 3 }, (fixture) => {
  const { fs, root } = fixture;
  put(fixture, root, "f");
  fs.makeDirectory(root, "d", 0o755);
  refuses("ENOSPC", () => fs.createFile(root, "g", 0o600));
  refuses("ENOSPC", () => fs.makeSymlink(root, "l", "f"));
  fs.link(root, "f", root, "g");
  fs.unlink(root, "f");
  refuses("ENOSPC", () => fs.makeDirectory(root, "e", 0o755));
  fs.unlink(root, "g");
  fs.makeDirectory(root, "e", 0o755);
});

check("another device is told by its number and refuses links and renames", {}, (fixture) => {
  const { fs, root } = fixture;
  fs.makeDirectory(root, "mnt", 0o755);
  fs.mount("/mnt", { quotaBytes: 4096, timeGranularity: 2_000_000_000 });
  const mounted = fs.openDirectory(root, "mnt");
  put(fixture, root, "f", "f");
  put(fixture, mounted, "g", "g");
  const [here, there] = [statOf(fs, root, "f"), statOf(fs, mounted, "g")];
  assert.notEqual(here.devMinor, there.devMinor);
  assert.equal(statOf(fs, root, "mnt").devMinor, there.devMinor);
  refuses("EXDEV", () => fs.rename(root, "f", mounted, "f"));
  refuses("EXDEV", () => fs.rename(mounted, "g", root, "g"));
  refuses("EXDEV", () => fs.link(root, "f", mounted, "f"));
  refuses("EBUSY", () => fs.removeDirectory(root, "mnt"));
  refuses("EBUSY", () => fs.rename(root, "mnt", root, "moved"));
  using(fs, fs.createFile(mounted, "h", 0o600), (file) =>
    refuses("ENOSPC", () => fs.write(file, toBytes("h"), 0, 1, 0)),
  );
  using(fs, fs.openRead(root, "f"), (from) =>
    using(fs, fs.openWrite(mounted, "g"), (to) => assert.equal(fs.clone(from, to), false)),
  );
  fs.setTimes(mounted, "g", 1, 0, 1_700_000_001, 5);
  const { mtime, mtimeNanos } = statOf(fs, mounted, "g");
  assert.deepEqual([mtime, mtimeNanos], [1_700_000_000, 0]);
  const above = fs.openDirectory(mounted, "..", "anywhere");
  assert.deepEqual(namesOf(fs, above), ["f", "mnt"]);
  fs.closeDirectory(above);
  fs.closeDirectory(mounted);
});

check("names that differ in case are one name", { caseInsensitive: true }, (fixture) => {
  const { fs, root } = fixture;
  put(fixture, root, "Name", "content");
  put(fixture, root, fromText("Éa"));
  put(fixture, root, "\xff");
  put(fixture, root, "\xfe");
  refuses("EEXIST", () => fs.createFile(root, "nAME", 0o600));
  refuses("EEXIST", () => fs.makeDirectory(root, fromText("éA"), 0o755));
  assert.equal(get(fixture, root, "NAME"), "content");
  assert.deepEqual(namesOf(fs, root), ["Name", fromText("Éa"), "\xfe", "\xff"].sort());
  fs.rename(root, "name", root, "NAME");
  assert.ok(namesOf(fs, root).includes("NAME"), "a rename to another case respells");
  fs.unlink(root, "name");
  const listing = new Directory();
  listing.add("\xff", 0);
  listing.add("Name", 0);
  fs.statEntries(root, listing, 0, 2);
  assert.deepEqual([listing.problem[0], listing.problem[1]], [0, 2]);
});

check("a volume may have no hard links, or few", { linksMax: 2 }, (fixture) => {
  const { fs, root } = fixture;
  put(fixture, root, "a");
  fs.link(root, "a", root, "b");
  refuses("EMLINK", () => fs.link(root, "a", root, "c"));
  fs.makeDirectory(root, "fat", 0o755);
  fs.mount("/fat", { linksMax: 0 });
  const fat = fs.openDirectory(root, "fat");
  put(fixture, fat, "a");
  refuses("EPERM", () => fs.link(fat, "a", fat, "b"));
  fs.closeDirectory(fat);
});

check("handles run out", { handlesMax: 3 }, (fixture) => {
  const { fs, root } = fixture;
  const second = fs.openDirectory(root, "");
  const file = fs.createFile(root, "f", 0o600);
  refuses("EMFILE", () => fs.openRead(root, "f"));
  refuses("EMFILE", () => fs.openDirectory(root, ""));
  refuses("EMFILE", () => fs.createFile(root, "g", 0o600));
  assert.deepEqual(namesOf(fs, root), ["f"], "what could not be opened was not made");
  fs.closeFile(file);
  fs.closeDirectory(second);
});

check("nothing changes on a read-only volume", {}, (fixture) => {
  const { fs, root } = fixture;
  put(fixture, root, "f", "content");
  fs.makeDirectory(root, "d", 0o755);
  const file = fs.openWrite(root, "f");
  fs.adjust("/", { readOnly: true });
  const before = statOf(fs, root, "f");
  const changes: (() => unknown)[] = [
    () => fs.createFile(root, "g", 0o600),
    () => fs.openWrite(root, "f"),
    () => fs.write(file, toBytes("x"), 0, 1, 0),
    () => fs.truncate(file, 0),
    () => fs.makeDirectory(root, "e", 0o755),
    () => fs.makeSymlink(root, "l", "f"),
    () => fs.link(root, "f", root, "g"),
    () => fs.rename(root, "f", root, "g"),
    () => fs.unlink(root, "f"),
    () => fs.removeDirectory(root, "d"),
    () => fs.setMode(root, "f", 0),
    () => fs.setOwner(root, "f", 1, 1),
    () => fs.setTimes(root, "f", 1, 0, 1, 0),
    () => fs.setDirectoryTimes(root, 1, 0, 1, 0),
    () => fs.setXattr(root, "f", "user.a", new Uint8Array(1)),
  ];
  for (const change of changes) refuses("EROFS", change);
  assert.equal(get(fixture, root, "f"), "content");
  assert.deepEqual(statOf(fs, root, "f"), before, "reading left no trace");
  fs.closeFile(file);
});

check("devices take what is written to them, on request", {}, ({ fs, root }) => {
  fs.makeNode(root, "disk", typeBlock | 0o600, 8, 1);
  fs.makeNode(root, "null", typeCharacter | 0o666, 1, 3);
  refuses("EINVAL", () => fs.openWrite(root, "disk"));
  using(fs, fs.openWrite(root, "disk", true), (file) => {
    fs.write(file, toBytes("data"), 0, 4, 0);
    assert.equal(fs.deviceSize?.(file), 4);
  });
  using(fs, fs.openWrite(root, "null", true), (file) => assert.equal(fs.deviceSize?.(file), 0));
  assert.equal(statOf(fs, root, "disk").size, 0);
});

test("the injected clock gives every time", () => {
  let now = 1_600_000_000_123.5;
  const fixture = open({ clock: { wallTime: () => now } });
  const { fs, root } = fixture;
  const times = (): number[] => {
    const { mtime, mtimeNanos, ctime, ctimeNanos, crtime } = statOf(fs, root, "f");
    return [mtime, mtimeNanos, ctime, ctimeNanos, crtime];
  };
  put(fixture, root, "f");
  assert.deepEqual(
    times(),
    [1_600_000_000, 123_500_000, 1_600_000_000, 123_500_000, 1_600_000_000],
  );
  now += 1000;
  fs.setMode(root, "f", 0o600);
  assert.deepEqual(
    times(),
    [1_600_000_000, 123_500_000, 1_600_000_001, 123_500_000, 1_600_000_000],
  );
  now += 1000;
  using(fs, fs.openWrite(root, "f"), (file) => fs.write(file, toBytes("x"), 0, 1, 0));
  assert.deepEqual(
    times(),
    [1_600_000_002, 123_500_000, 1_600_000_002, 123_500_000, 1_600_000_000],
  );
  fs.setTimes(root, "f", 0, omitTime, -5, 7);
  assert.deepEqual(times().slice(0, 2), [-5, 7]);
  fixture.close();
});

test("the same calls give the same tree, times and inode numbers included", () => {
  const snapshots = [1, 2].map(() => {
    const { fs, root } = open();
    const place = fileSystemPlace(fs, root);
    writeTree(place, varietyTree(7, { entries: 80, privileged: true, xattrs: true }));
    return readTree(place).entries;
  });
  assert.ok((snapshots[0]?.size ?? 0) > 40);
  assert.deepEqual(snapshots[1], snapshots[0]);
});

check("calls are counted by operation", {}, (fixture) => {
  const { fs, root } = fixture;
  fs.resetCalls();
  put(fixture, root, "f", "x");
  statOf(fs, root, "f");
  refuses("ENOENT", () => fs.unlink(root, "absent"));
  const { createFile, write, closeFile, stat, unlink, rename } = fs.calls;
  assert.deepEqual([createFile, write, closeFile, stat, unlink, rename], [1, 1, 1, 1, 1, 0]);
  fs.resetCalls();
  assert.equal(fs.calls.write, 0);
});

check("a copy shares nothing with the original", {}, (fixture) => {
  const { fs, root } = fixture;
  const place = fileSystemPlace(fs, root);
  writeTree(place, varietyTree(3, { privileged: true, xattrs: true }));
  inside(fixture, root, "mnt", () => fs.mount("/mnt", { quotaBytes: 4096 }));
  put(fixture, root, "kept", "before");
  const before = readTree(place);
  const copy = fs.fork();
  const copyRoot: DirHandle = copy.openRoot("/");
  assertSameTree(before, fileSystemPlace(copy, copyRoot), { also: ["identity", "ctimeNs"] });
  using(copy, copy.openWrite(copyRoot, "kept"), (file) =>
    copy.write(file, toBytes("after!"), 0, 6, 0),
  );
  copy.unlink(copyRoot, "kept");
  put({ ...fixture, fs: copy }, copyRoot, "new");
  copy.setDirectoryMode(copyRoot, 0o700);
  assertSameTree(before, place, { also: ["identity", "ctimeNs"] });
  assert.equal(get(fixture, root, "kept"), "before");
  assert.equal(copy.openHandles, 1);
});

check("rights are those of the user that the door acts for", {}, (fixture) => {
  const { fs, root } = fixture;
  put(fixture, root, "secret", "x");
  fs.setMode(root, "secret", 0o640);
  fs.setOwner(root, "secret", 0, 50);
  fs.become({ uid: 7, gid: 7 });
  refuses("EACCES", () => fs.openRead(root, "secret"));
  refuses("EACCES", () => fs.createFile(root, "mine", 0o600));
  fs.become({ uid: 7, gid: 7, groups: [50] });
  assert.equal(get(fixture, root, "secret"), "x");
  refuses("EACCES", () => fs.openWrite(root, "secret"));
  refuses("EPERM", () => fs.setMode(root, "secret", 0o777));
  assert.ok(fs.stat(root, "secret", new Stat()));
});
