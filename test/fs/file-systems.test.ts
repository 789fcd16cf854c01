// Both doors to this machine on what most file systems never show: listings without types, a block
// device, sizes that a number cannot hold, directories of very many names.

import assert from "node:assert/strict";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { errno } from "../../src/base/index.ts";
import { linuxFileSystem, portableFileSystem, Stat } from "../../src/fs/index.ts";
import { loadSystemCalls } from "../../src/native/index.ts";
import { Directory, typeDirectory, typeMask, typeRegular } from "../../src/tree/index.ts";
import { runOurs } from "../cli/run-ours.ts";
import { put, refuses, statOf, using } from "../suites/fs/fixture.ts";
import { ext4Image } from "../support/ext4-image.ts";
import {
  assertSameTree,
  mutateTree,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const calls = loadSystemCalls();
const shared = existsSync("/dev/shm") ? "/dev/shm" : undefined;
const doors = {
  ...(calls === undefined ? {} : { linux: linuxFileSystem(calls) }),
  portable: portableFileSystem(),
};

for (const [name, door] of Object.entries(doors)) {
  const env = { MANIFOLD_FS: name };

  test(`listings without types are looked at, and trees are kept (${name})`, (context) => {
    const image = ext4Image("^filetype");
    if (typeof image === "string") return context.skip(image);
    using mounted = image;
    const root = door.openRoot(mounted.path);
    door.makeDirectory(root, "dir", 0o755);
    put({ fs: door, root } as never, root, "file");
    const listing = new Directory();
    door.readNames(root, listing);
    for (let i = 0; i < listing.count; i++) {
      const type = (statOf(door, root, listing.name(i)).mode & typeMask) as number;
      assert.ok([0, type].includes(listing.mode[i] as number), listing.name(i));
      // The kernel tells no types here; a door that has them has looked.
      if (name === "linux") assert.equal(listing.mode[i], 0);
    }
    door.closeDirectory(root);
    using folder = temporaryFolder();
    for (const path of [folder.at("src"), `${mounted.path}/dst`]) mkdirSync(path);
    writeTree(
      folder.at("src"),
      varietyTree(7, { specials: false, privileged: false, oddTimes: false }),
    );
    const step = { timeResolutionNs: 1000n };
    for (const from of [folder.at("src"), `${mounted.path}/dst`]) {
      const to = from.endsWith("src") ? `${mounted.path}/dst` : folder.at("back");
      for (const turn of [1, 2]) {
        const argv = ["sync", "-aHi", "--delete", `${from}/`, `${to}/`];
        const ended = runOurs("manifold", argv, { cwd: folder.path, env });
        assert.equal(ended.exit, 0, ended.stderr);
        if (turn === 2) assert.deepEqual(ended.lines, []);
      }
      assertSameTree(from, to, step);
      mutateTree(3, from, { specials: false, privileged: false, oddTimes: false });
      const argv = ["sync", "-aH", "--delete", `${from}/`, `${to}/`];
      assert.equal(runOurs("manifold", argv, { cwd: folder.path, env }).exit, 0);
      assertSameTree(from, to, { ...step, ignore: ["linkGroup"] });
    }
  });

  test(`a block device has a size where the door knows devices (${name})`, (context) => {
    const image = ext4Image("^has_journal");
    if (typeof image === "string") return context.skip(image);
    using mounted = image;
    // A door without this call knows no devices at all.
    assert.equal(door.deviceSize !== undefined, name === "linux");
    if (door.deviceSize === undefined) return;
    const dev = door.openRoot("/dev");
    using(door, door.openRead(dev, mounted.device.replace("/dev/", "")), (file) =>
      assert.equal(door.deviceSize?.(file), mounted.bytes),
    );
    using(door, door.openRead(dev, "null"), (file) => assert.equal(door.deviceSize?.(file), 0));
    door.closeDirectory(dev);
  });

  const noHuge =
    calls === undefined || shared === undefined ? "needs system calls and /dev/shm" : false;
  test(`a size that no number holds is refused for what it is (${name})`, { skip: noHuge }, () => {
    using folder = temporaryFolder(shared);
    mkdirSync(folder.at("src"));
    for (const other of ["before", "later"]) writeFileSync(folder.at(`src/${other}`), other);
    const file = openSync(folder.at("src/huge"), "wx");
    assert.equal(calls?.call.ftruncate(file, 2 ** 53), 0);
    closeSync(file);
    const root = door.openRoot(folder.at("src"));
    refuses("EOVERFLOW", () => door.stat(root, "huge", new Stat()));
    using(door, door.openRead(root, "huge"), (open) =>
      refuses("EOVERFLOW", () => door.statFile(open, new Stat())),
    );
    const listing = new Directory();
    for (const entry of ["before", "huge", "later"]) listing.add(entry, typeRegular);
    door.statEntries(root, listing, 0, 3);
    assert.deepEqual([...listing.problem.subarray(0, 3)], [0, errno.EOVERFLOW, 0]);
    assert.equal(listing.mode[1], 0);
    door.closeDirectory(root);
    const argv = ["sync", "-a", "src/", "dst/"];
    const ended = runOurs("manifold", argv, { cwd: folder.path, env });
    assert.equal(ended.exit, 23);
    assert.match(ended.stderr, /src\/huge": .*too large/);
    assert.deepEqual(readdirSync(folder.at("dst")).sort(), ["before", "later"]);
  });

  const count = isLong ? 500_000 : 20_000;
  test(`a directory of ${count} names is listed and looked at whole (${name})`, () => {
    using folder = temporaryFolder(shared);
    const root = door.openRoot(folder.path);
    put({ fs: door, root } as never, root, "0");
    for (let i = 1; i < count; i++) door.link(root, "0", root, `${i}`);
    door.makeDirectory(root, "directory", 0o755);
    const listing = new Directory();
    door.readNames(root, listing);
    assert.equal(listing.count, count + 1);
    const seen = new Uint8Array(count);
    door.statEntries(root, listing, 0, listing.count);
    for (let i = 0; i < listing.count; i++) {
      const entry = listing.name(i);
      if (entry === "directory")
        assert.equal((listing.mode[i] as number) & typeMask, typeDirectory);
      else {
        seen[Number(entry)] = 1;
        assert.equal(listing.nlink[i], count);
      }
    }
    assert.ok(
      seen.every((once) => once === 1),
      "each name is there",
    );
    door.closeDirectory(root);
  });
}
