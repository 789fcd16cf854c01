// Which file systems are taken at their word about changes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { hasChangeTimes } from "../../src/fs/change-times.ts";
import { linuxFileSystem, portableFileSystem } from "../../src/fs/index.ts";
import { loadSystemCalls } from "../../src/native/index.ts";
import { temporaryFolder } from "../support/index.ts";

/** Numbers of statfs(2) (linux/magic.h). */
const foreign = {
  fuse: 0x65735546,
  nfs: 0x6969,
  smb2: 0xfe534d42,
  cifs: 0xff534d42,
  vfat: 0x4d44,
  exfat: 0x2011bab0,
  ntfs3: 0x7366746e,
  "9p": 0x01021997,
  ceph: 0x00c36400,
  squashfs: 0x73717368,
  iso9660: 0x9660,
  proc: 0x9fa0,
  unknown: 0,
};

test("what the kernel does not stamp itself is not believed", () => {
  for (const [name, type] of Object.entries(foreign))
    assert.equal(hasChangeTimes(type), false, name);
  for (const type of [0xef53, 0x01021994, 0x58465342, 0x9123683e]) assert.ok(hasChangeTimes(type));
});

test("both doors take the same file systems at their word", () => {
  using folder = temporaryFolder();
  const calls = loadSystemCalls();
  const doors = [portableFileSystem(), ...(calls === undefined ? [] : [linuxFileSystem(calls)])];
  for (const path of [folder.path, "/proc", "/sys"]) {
    const { stdout } = spawnSync("stat", ["-f", "-c", "%t", path], { encoding: "latin1" });
    for (const door of doors) {
      const root = door.openRoot(path);
      assert.equal(door.stampsChanges?.(root), hasChangeTimes(Number.parseInt(stdout, 16)), path);
      door.closeDirectory(root);
    }
  }
});
