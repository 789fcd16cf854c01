// The test support vouches for every other test: what is written is read back, every difference is
// seen, and generators repeat themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertSameTree,
  characterDevice,
  compareTrees,
  diskPlace,
  fifo,
  file,
  hardLink,
  haveSystemCalls,
  mutateTree,
  readTree,
  socket,
  sparse,
  symlink,
  temporaryFolder,
  treeOf,
  varietyTree,
  writeTree,
} from "./index.ts";

const isRoot = process.geteuid?.() === 0;
const skip = haveSystemCalls() ? false : "koffi is not installed";

test("a literal's attributes are on disk", { skip }, () => {
  using folder = temporaryFolder();
  writeTree(
    folder.path,
    treeOf({
      "a/": {
        "b.txt": file("hello", { mode: 0o604, mtime: -1_500_000_000n }),
        same: hardLink("a/b.txt"),
      },
      "\xff\n\\": symlink("\xfe", { mtime: 1_600_000_000_123_456_789n }),
      hole: sparse(100_000, { 50000: "x" }, { mtime: 5 }),
      pipe: fifo({ mode: 0o640 }),
      plug: socket(),
      ...(isRoot ? { null: characterDevice(1, 70_000, { uid: 1, gid: 2 }) } : {}),
    }),
  );
  const { entries } = readTree(folder.path);
  const text = entries.get("a/b.txt");
  assert.deepEqual([text?.mode, text?.mtimeNs, text?.size], [0o604, -1_500_000_000n, 5]);
  assert.equal(entries.get("a/same")?.linkGroup, "a/b.txt");
  assert.equal(entries.get("\xff\n\\")?.target, "\xfe");
  assert.equal(entries.get("\xff\n\\")?.mtimeNs, 1_600_000_000_123_456_789n);
  assert.equal(entries.get("hole")?.size, 100_000);
  assert.ok((entries.get("hole")?.blocks ?? 0) * 512 < 100_000);
  assert.deepEqual([entries.get("pipe")?.kind, entries.get("pipe")?.mode], ["fifo", 0o640]);
  assert.equal(entries.get("plug")?.kind, "socket");
  if (isRoot) assert.equal(entries.get("null")?.device, "1:70000");
});

test("a generated tree is the same from the same seed and differs from another's", { skip }, () => {
  using folder = temporaryFolder();
  for (let seed = 1; seed <= 8; seed++) {
    using one = temporaryFolder(folder.path);
    using two = temporaryFolder(folder.path);
    using three = temporaryFolder(folder.path);
    writeTree(one.path, varietyTree(seed, { xattrs: true }));
    writeTree(two.path, varietyTree(seed, { xattrs: true }));
    writeTree(three.path, varietyTree(seed + 1, { xattrs: true }));
    assertSameTree(one.path, two.path, { also: ["blocks"] });
    assert.throws(() => assertSameTree(one.path, three.path), /Trees differ/);
  }
});

test("mutations repeat themselves and each is seen", { skip }, () => {
  using folder = temporaryFolder();
  for (let seed = 1; seed <= 12; seed++) {
    using one = temporaryFolder(folder.path);
    using two = temporaryFolder(folder.path);
    const tree = varietyTree(seed, { entries: 40 });
    writeTree(one.path, tree);
    writeTree(two.path, tree);
    const before = readTree(one.path);
    const told = mutateTree(seed, one.path);
    assert.deepEqual(mutateTree(seed, two.path), told);
    assertSameTree(one.path, two.path);
    assert.notDeepEqual(compareTrees(before, readTree(one.path)), [], told.join("\n"));
  }
});

test("every attribute's change is reported by name", { skip }, () => {
  using folder = temporaryFolder();
  const place = diskPlace(folder.path);
  writeTree(place, treeOf({ a: file("one", { mtime: 100 }), b: "b", "d/": {}, l: symlink("x") }));
  const retarget = (path: string, target: string): void => {
    place.remove(path);
    place.makeSymlink(path, target);
  };
  const changes: [string, () => void, RegExp][] = [
    [
      "content",
      () => place.editFile("a", 3, [{ offset: 0, bytes: Buffer.from("two") }]),
      />fc.* a {2}content/,
    ],
    ["size", () => place.editFile("a", 9, []), /size 3 -> 9/],
    ["time", () => place.setTimes("a", 0n, 100_000_000_001n), /t.* a {2}mtimeNs .* -> 100s\+1ns/],
    ["mode", () => place.setMode("a", 0o600), /mode 0644 -> 0600/],
    ["link group", () => place.link("a", "d/a"), /h.* a {2}.*linkGroup none -> a/],
    ["surplus", () => place.makeFile("n", 0, []), /\+fsurplus {2}n/],
    ["missing", () => place.remove("b"), /-fmissing {2}b/],
    ["kind", () => place.rename("d", "x"), /\+dsurplus {2}x/],
    ["target", () => retarget("l", "y"), /target x -> y/],
  ];
  for (const [what, change, expected] of changes) {
    const before = readTree(place);
    change();
    assert.match(compareTrees(before, readTree(place)).join("\n"), expected, what);
  }
  assert.deepEqual(compareTrees(readTree(place), readTree(place)), []);
});

test("a coarser resolution and ignored attributes hide what they should", { skip }, () => {
  using folder = temporaryFolder();
  using other = temporaryFolder();
  writeTree(folder.path, treeOf({ a: file("x", { mtime: 1_999_999_999n }) }, { mtime: 7 }));
  writeTree(
    other.path,
    treeOf({ a: file("x", { mtime: 1_000_000_000n, mode: 0o600 }) }, { mtime: 7 }),
  );
  assertSameTree(folder.path, other.path, { ignore: ["mode"], timeResolutionNs: 1_000_000_000n });
  assert.throws(() => assertSameTree(folder.path, other.path, { ignore: ["mode"] }));
});

test("a temporary folder goes away with what it holds", () => {
  let path = "";
  {
    using folder = temporaryFolder();
    path = folder.path;
    writeTree(path, treeOf({ "locked/": { "deep/": { f: "x" } } }));
    const place = diskPlace(path);
    place.setMode("locked/deep", 0o000);
    place.setMode("locked", 0o000);
  }
  assert.equal(diskPlace(path).entry(""), undefined);
});
