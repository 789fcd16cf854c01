// Each system call of each operation fails once: the operation fails with that error or does without
// the call, and nothing stays open. On both doors to this machine.

import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { test } from "node:test";
import { errno } from "../../src/base/index.ts";
import {
  type DirHandle,
  type FileSystem,
  FsError,
  linuxFileSystem,
  portableFileSystem,
  Stat,
} from "../../src/fs/index.ts";
import { loadSystemCalls } from "../../src/native/index.ts";
import { insideContent, raceActs } from "../suites/fs/race-acts.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { altered, type Calls } from "./altered-calls.ts";
import { openDescriptors } from "./open-descriptors.ts";

/** Counts the calls of a door, and lets one of them fail. */
interface Injector {
  readonly fs: FileSystem;
  /** Calls since the last `arm`. */
  readonly calls: number;
  /** Call number `failing` from now on fails with this number; 0 = none. */
  arm(failing: number, number: number): void;
}

function linuxInjector(real: Calls): Injector {
  let calls = 0;
  let failing = 0;
  let error = 0;
  const counting = altered(real, (name, call) => (...values) => {
    calls++;
    if (calls !== failing) return call(...values);
    if (name === "close") call(...values);
    return counting.fails(error);
  });
  return {
    fs: linuxFileSystem(counting),
    get calls() {
      return calls;
    },
    arm: (at, number) => {
      [calls, failing, error] = [0, at, number];
    },
  };
}

const isLong = process.env.MANIFOLD_LONG === "1";
const numbers = isLong ? [errno.EIO, errno.EMFILE] : [errno.EIO];

const patched = Object.keys(fs).filter((name) => /^[a-z]+Sync$/i.test(name));

/** The functions of node:fs, replaced for as long as `action` runs. */
function withPatchedFs(action: (injector: Injector) => void): void {
  let calls = 0;
  let failing = 0;
  let error = 0;
  const table = fs as unknown as Record<string, (...values: unknown[]) => unknown>;
  const originals = new Map(patched.map((name) => [name, table[name]]));
  for (const [name, original] of originals) {
    table[name] = (...values) => {
      calls++;
      if (calls !== failing) return original?.(...values);
      if (name === "closeSync") original?.(...values);
      const code = error === errno.EIO ? "EIO" : "EMFILE";
      throw Object.assign(new Error(`${code}: injected, ${name}`), { code, errno: -error });
    };
  }
  syncBuiltinESMExports();
  try {
    action({
      fs: portableFileSystem(),
      get calls() {
        return calls;
      },
      arm: (at, number) => {
        [calls, failing, error] = [0, at, number];
      },
    });
  } finally {
    for (const [name, original] of originals) if (original !== undefined) table[name] = original;
    syncBuiltinESMExports();
  }
}

/** Operations besides those that the races know: ways to pin and to open. */
const opens: Readonly<Record<string, (door: FileSystem, dir: DirHandle) => void>> = {
  "openDirectory by path": (door, dir) => door.closeDirectory(door.openDirectory(dir, "a/b")),
  "openDirectory beneath": (door, dir) =>
    door.closeDirectory(door.openDirectory(dir, "a/up/a/b", "beneath")),
  "openDirectory anywhere": (door, dir) =>
    door.closeDirectory(door.openDirectory(dir, "a/up/a/../a", "anywhere")),
  "openDirectory of a long path": (door, dir) =>
    door.closeDirectory(door.openDirectory(dir, `a${"/".repeat(4100)}b`)),
  "openDirectory anywhere by a long path": (door, dir) =>
    door.closeDirectory(door.openDirectory(dir, `a${"/../a".repeat(900)}`, "anywhere")),
  "openDirectory again": (door, dir) => door.closeDirectory(door.openDirectory(dir, "")),
  "openRead beneath, by links": (door, dir) =>
    door.closeFile(door.openRead(dir, "toOld", { follow: "beneath" })),
  "rename of a directory": (door, dir) => door.rename(dir, "empty", dir, "full", "no-replace"),
  syncDirectory: (door, dir) => door.syncDirectory(dir),
  syncFileSystem: (door, dir) => door.syncFileSystem(dir),
  freeBytes: (door, dir) => void door.freeBytes(dir),
};

function furnish(path: string): void {
  fs.rmSync(path, { recursive: true, force: true });
  for (const name of ["empty", "a/b", "full/x"])
    fs.mkdirSync(`${path}/${name}`, { recursive: true });
  fs.writeFileSync(`${path}/old`, insideContent);
  fs.symlinkSync("..", `${path}/a/up`);
  fs.symlinkSync("old", `${path}/toOld`);
}

/** Lets each call of the action fail in turn, until it makes no more calls. */
function failEach(injector: Injector, path: string, action: (dir: DirHandle) => void): void {
  for (const number of numbers) {
    for (let failing = 1; ; failing++) {
      injector.arm(0, 0);
      furnish(path);
      const dir = injector.fs.openRoot(path);
      const before = openDescriptors(path);
      injector.arm(failing, number);
      let thrown: unknown;
      try {
        action(dir);
      } catch (error) {
        thrown = error;
      }
      const wasReached = injector.calls >= failing;
      injector.arm(0, 0);
      if (thrown !== undefined && !(thrown instanceof FsError)) throw thrown;
      assert.deepEqual(openDescriptors(path), before, `call ${failing} of ${injector.calls}`);
      injector.fs.closeDirectory(dir);
      if (!wasReached) break;
    }
  }
}

function failAll(injector: Injector): void {
  using folder = temporaryFolder(fs.existsSync("/dev/shm") ? "/dev/shm" : undefined);
  const path = folder.at("tree");
  for (const [name, act] of Object.entries(raceActs)) {
    failEach(injector, path, (dir) => {
      const saw = (stat: Stat): void => assert.ok(stat instanceof Stat, name);
      act({ fs: injector.fs, dir, old: "old", fresh: "fresh", saw });
    });
  }
  for (const open of Object.values(opens))
    failEach(injector, path, (dir) => open(injector.fs, dir));
}

const real = loadSystemCalls();

test("nothing stays open whichever system call fails", { skip: real === undefined }, () => {
  if (real !== undefined) failAll(linuxInjector(real));
});

test("nothing stays open whichever function of node:fs fails", () => {
  withPatchedFs(failAll);
});
