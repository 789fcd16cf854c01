// The memory door against Linux itself: the same random operations, answered alike, as root and as
// a user who owns a part of what is there.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  type DirHandle,
  type FileSystem,
  linuxFileSystem,
  memoryFileSystem,
} from "../../src/fs/index.ts";
import { loadSystemCalls } from "../../src/native/index.ts";
import { Player, playBoth, steps } from "../support/door-duel.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const calls = loadSystemCalls();
const isRoot = process.geteuid?.() === 0;
const memory = existsSync("/dev/shm") ? "/dev/shm" : undefined;
const numRuns = process.env.MANIFOLD_LONG === "1" ? 8_000 : 100;
const user = { uid: 1000, gid: 1000 };

/** What is there at the start: files of others that a user may use to some degree. */
function furnish(fs: FileSystem, root: DirHandle): void {
  fs.closeFile(fs.createFile(root, "a", 0o644));
  fs.makeDirectory(root, "b", 0o755);
  fs.makeDirectory(root, "c", 0o755);
  const shared = fs.openDirectory(root, "c");
  fs.closeFile(fs.createFile(shared, "a", 0o666));
  fs.closeFile(fs.createFile(shared, "b", 0o600));
  fs.makeDirectory(shared, "c", 0o755);
  fs.setMode(shared, "a", 0o666);
  fs.setDirectoryMode(shared, 0o1777);
  fs.closeDirectory(shared);
  fs.closeFile(fs.createFile(root, "d", 0o640));
  fs.setOwner(root, "d", 0, 1000);
  fs.setDirectoryMode(root, 0o777);
}

function actAs({ uid, gid }: { uid: number; gid: number }): void {
  // The effective user last when rights are given up, first when they are taken back.
  if (uid === 0) process.seteuid?.(0);
  process.setegid?.(gid);
  if (uid !== 0) process.seteuid?.(uid);
}

/** Plays on fresh doors; as this user, if one is given. */
function duel(list: Parameters<typeof playBoth>[1], as?: typeof user): void {
  assert.ok(calls !== undefined);
  using folder = temporaryFolder(memory);
  chmodSync(folder.path, 0o755);
  mkdirSync(folder.at("root"), { mode: 0o777 });
  const linux = linuxFileSystem(calls);
  const simulated = memoryFileSystem({ umask: process.umask() });
  const top = simulated.openRoot("/");
  simulated.makeDirectory(top, "root", 0o777);
  const doors = [
    [linux, linux.openRoot(folder.at("root"))],
    [simulated, simulated.openDirectory(top, "root")],
  ] as const;
  for (const [fs, root] of doors) furnish(fs, root);
  const players = [new Player(...doors[0]), new Player(...doors[1])] as const;
  try {
    if (as !== undefined) {
      simulated.become(as);
      actAs(as);
    }
    playBoth(players, list);
  } finally {
    actAs({ uid: 0, gid: 0 });
    simulated.become({ uid: 0, gid: 0 });
    const [told, found] = players.map((player) => player.finish());
    assert.deepEqual(found, told);
    for (const [fs, root] of doors) fs.closeDirectory(root);
    simulated.closeDirectory(top);
    assert.equal(simulated.openHandles, 0);
  }
}

const skip = calls === undefined || !isRoot ? "needs root and system calls" : false;

test("a directory that would go into itself without replacing leaves no trace", { skip }, () => {
  const step = { file: 0, name: 2, other: 0, value: 0 };
  const steps: Parameters<typeof playBoth>[1] = [
    { ...step, operation: "openDirectory", dir: 0 },
    { ...step, operation: "openDirectory", dir: 1 },
    { ...step, operation: "setDirectoryTimes", dir: 1 },
    { ...step, operation: "setDirectoryTimes", dir: 2 },
    { ...step, operation: "rename", dir: 0, other: 1, value: 506 },
    { ...step, operation: "rename", dir: 0, other: 2, value: 506 },
    { ...step, operation: "rename", dir: 1, other: 2, value: 506 },
    { ...step, operation: "rename", dir: 0, name: 0, other: 2, value: 506 },
  ];
  duel(steps);
  duel(steps, user);
});

test("random operations of root have the outcome they have on Linux", { skip }, () => {
  fc.assert(
    fc.property(steps([], 60), (list) => duel(list)),
    { numRuns, includeErrorInReport: true },
  );
});

test("random operations of a user have the outcome they have on Linux", { skip }, () => {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  try {
    fc.assert(
      fc.property(steps([], 60), (list) => duel(list, user)),
      { numRuns, includeErrorInReport: true },
    );
  } finally {
    process.setgroups?.(groups);
  }
});
