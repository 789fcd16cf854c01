// Races: another thread keeps exchanging a directory for a symlink that leads outside while the
// door works on names below it. Not one operation may land outside.
//
// The harness is not blind: the same race run by paths (node:fs) must escape, else the test fails.

import assert from "node:assert/strict";
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type DirHandle, FsError, Stat } from "../../../src/fs/index.ts";
import { check, type FsFixture, inside, put } from "./fixture.ts";

/** Swaps sub (directory) and sub (link to outside) until told to stop, and counts. */
const flipper = `
const { workerData } = require("node:worker_threads");
const { renameSync } = require("node:fs");
const { base, stop } = workerData;
const flags = new Int32Array(stop);
while (Atomics.load(flags, 0) === 0) {
  renameSync(base + "/sub", base + "/aside");
  renameSync(base + "/link", base + "/sub");
  Atomics.add(flags, 1, 1);
  renameSync(base + "/sub", base + "/link");
  renameSync(base + "/aside", base + "/sub");
}
`;

const rounds = process.env.MANIFOLD_LONG === "1" ? 30_000 : 1_000;

interface Arena {
  readonly base: string;
  readonly outside: string;
  /** What the canary outside looked like before. */
  readonly before: string;
}

function arena(path: string): Arena {
  const base = join(path, "base");
  const outside = join(path, "outside");
  for (const directory of [base, outside, join(base, "sub")]) mkdirSync(directory);
  writeFileSync(join(outside, "canary"), "untouched");
  symlinkSync("../outside", join(base, "link"));
  return { base, outside, before: describeOutside(outside) };
}

/** Names, and the canary's attributes that any operation on it would change. */
function describeOutside(outside: string): string {
  const { mode, uid, gid, size, nlink, mtimeMs, ctimeMs } = lstatSync(join(outside, "canary"));
  const names = readdirSync(outside);
  return JSON.stringify({ names, mode, uid, gid, size, nlink, mtimeMs, ctimeMs });
}

/** Runs the action while the flipper turns: again, until it has turned at least once meanwhile. */
async function whileFlipping({ base }: Arena, action: () => void): Promise<void> {
  const stop = new SharedArrayBuffer(8);
  const flags = new Int32Array(stop);
  const worker = new Worker(flipper, { eval: true, workerData: { base, stop }, execArgv: [] });
  const ended = new Promise<void>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", () => resolve());
  });
  await new Promise((resolve) => worker.on("online", resolve));
  try {
    // A busy machine may not let the other thread run for a while.
    const from = Atomics.load(flags, 1);
    let tries = 0;
    do action();
    while (Atomics.load(flags, 1) === from && ++tries < 100);
  } finally {
    Atomics.store(flags, 0, 1);
    await ended;
  }
  assert.ok(flags[1] > 0, "the directory was exchanged");
}

function assertOutsideUntouched({ outside, before }: Arena): void {
  assert.equal(describeOutside(outside), before);
}

/** What may go wrong while the directory is away or a link: nothing else is accepted. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    const expected =
      error instanceof FsError &&
      ["ENOENT", "ELOOP", "ENOTDIR", "EXDEV", "EEXIST"].includes(error.code);
    if (!expected) throw error;
  }
}

/** Defines the tests of races against symlinks. */
export function confinementTests(open: () => FsFixture): void {
  const define = (property: string, body: (fixture: FsFixture, path: string) => Promise<void>) =>
    check(open, property, async (fixture) => {
      if (fixture.path !== undefined && fixture.fs.abilities.confined)
        await body(fixture, fixture.path);
    });

  define("no name below an exchanged directory is made outside", async ({ fs, root }, path) => {
    const place = arena(path);
    const base = fs.openDirectory(root, "base");
    let made = 0;
    const inSub = (action: (sub: DirHandle, round: number) => void, round: number) =>
      attempt(() => {
        const sub = fs.openDirectory(base, "sub", round % 2 === 0 ? "none" : "beneath");
        try {
          action(sub, round);
          made++;
        } finally {
          fs.closeDirectory(sub);
        }
      });
    await whileFlipping(place, () => {
      for (let round = 0; round < rounds; round++) {
        inSub((sub) => fs.closeFile(fs.createFile(sub, `f${round}`, 0o600)), round);
        inSub((sub) => fs.makeDirectory(sub, `d${round}`, 0o700), round);
        inSub((sub) => fs.makeSymlink(sub, `s${round}`, "x"), round);
        inSub((sub) => fs.unlink(sub, "canary"), round);
        inSub((sub) => fs.setMode(sub, "canary", 0o777), round);
        inSub((sub) => fs.setTimes(sub, "canary", 1, 0, 2, 0), round);
        inSub((sub) => fs.setOwner(sub, "canary", 0xffffffff, 1), round);
        if (fs.abilities.xattrs)
          inSub((sub) => fs.setXattr(sub, "canary", "user.a", new Uint8Array(1)), round);
        inSub((sub) => fs.setDirectoryTimes(sub, 1, 0, 2, 0), round);
        inSub((sub) => fs.rename(sub, "canary", sub, "stolen"), round);
        inSub((sub) => fs.link(sub, "canary", sub, "twin"), round);
        attempt(() => fs.closeDirectory(fs.openDirectory(root, `base/sub/d${round}`)));
        attempt(() => fs.closeDirectory(fs.openDirectory(root, `base/sub/d${round}`, "beneath")));
      }
    });
    fs.closeDirectory(base);
    assertOutsideUntouched(place);
    assert.ok(made > 0, "some attempts went through");
  });

  define("no file behind an exchanged link is read", async (fixture, path) => {
    const { fs, root } = fixture;
    const place = arena(path);
    writeFileSync(join(place.base, "sub", "canary"), "inside");
    const base = fs.openDirectory(root, "base");
    const stat = new Stat();
    await whileFlipping(place, () => {
      for (let round = 0; round < rounds; round++) {
        attempt(() => {
          const sub = fs.openDirectory(base, "sub");
          const file = fs.openRead(sub, "canary");
          fs.statFile(file, stat);
          fs.closeFile(file);
          fs.closeDirectory(sub);
          assert.equal(stat.size, 6);
        });
      }
    });
    fs.closeDirectory(base);
  });

  define("no leaf that becomes a symlink is followed", async (fixture, path) => {
    const { fs, root } = fixture;
    const place = arena(path);
    rmSync(join(place.base, "sub"), { recursive: true });
    rmSync(join(place.base, "link"));
    writeFileSync(join(place.base, "sub"), "inside");
    symlinkSync("../outside/canary", join(place.base, "link"));
    const base = fs.openDirectory(root, "base");
    const stat = new Stat();
    await whileFlipping(place, () => {
      for (let round = 0; round < rounds; round++) {
        attempt(() => {
          const file = fs.openRead(base, "sub");
          fs.statFile(file, stat);
          fs.closeFile(file);
          assert.equal(stat.size, 6);
        });
        attempt(() => {
          const file = fs.openWrite(base, "sub");
          fs.truncate(file, 6);
          fs.closeFile(file);
        });
        attempt(() => fs.setTimes(base, "sub", 1, 0, 2, 0));
        attempt(() => ignoreLink(() => fs.setMode(base, "sub", 0o666)));
        attempt(() => fs.listXattrs(base, "sub"));
      }
    });
    fs.closeDirectory(base);
    assertOutsideUntouched(place);
  });

  define("the same race by paths escapes, so these tests can see", async (_fixture, path) => {
    const place = arena(path);
    let escapes = 0;
    await whileFlipping(place, () => {
      for (let round = 0; round < 200_000 && escapes === 0; round++) {
        const name = join(place.base, "sub", `n${round}`);
        try {
          if (!lstatSync(join(place.base, "sub")).isDirectory()) continue;
          closeSync(
            openSync(
              name,
              constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_WRONLY,
            ),
          );
        } catch {
          continue; // The directory was away: expected, as in `attempt`.
        }
        escapes = readdirSync(place.outside).length - 1;
      }
    });
    assert.ok(escapes > 0, "the naive way is caught");
  });

  check(
    open,
    "a directory renamed away takes its handles along, and nothing else",
    async (fixture) => {
      const { fs, root } = fixture;
      if (!fs.abilities.confined) return;
      inside(fixture, root, "inner", (inner) => {
        fs.makeDirectory(root, "elsewhere", 0o755);
        const elsewhere = fs.openDirectory(root, "elsewhere");
        fs.rename(root, "inner", elsewhere, "inner");
        put(fixture, inner, "x", "content");
        assert.ok(fs.stat(inner, "x", new Stat()));
        fs.closeDirectory(elsewhere);
      });
    },
  );
}

function ignoreLink(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof FsError && error.code === "EOPNOTSUPP")) throw error;
  }
}
