// Whole runs while somebody exchanges a directory of the target, or of the source, for a symlink
// that leads outside: nothing outside is touched or read, nothing of it arrives in the target, and
// the program ends in its ordinary ways. A copy by paths fails the same tests, so they can see.
// MANIFOLD_LONG=1 tries each row of options through both doors and again and again, without it they take turns.

import assert from "node:assert/strict";
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cannotFlip, startFlipper } from "../support/flipper.ts";
import {
  assertSameTree,
  readTree,
  type TemporaryFolder,
  type TreeSnapshot,
  temporaryFolder,
} from "../support/index.ts";
import { type Ended, runOurs } from "./run-ours.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const rounds = isLong ? 40 : 1;
const skip = cannotFlip();
const fileCount = 30;
const secret = "what nobody may read";

/** Rows of options; those with attributes need the door by system calls. */
const targetRuns = [
  ["manifold", "-aI", "--delete"],
  ["manifold", "-aHI", "--inplace", "--delete-before"],
  ["manifold", "-aI", "--backup", "--delay-updates"],
  ["manifold-rsync", "-aI", "--delete", "--partial-dir=.part"],
  ["manifold", "-aAXI", "--no-whole-file"],
] as const;
const sourceRuns = [
  ["manifold", "-aI"],
  ["manifold", "-aH", "--checksum", "--inplace"],
  ["manifold", "-a", "--remove-source-files"],
  ["manifold-rsync", "-aI"],
  ["manifold", "-aAXI"],
] as const;
/** Places that the operator names beside the target, and what the target keeps for itself. */
const basisRuns = [
  ["manifold", "-a", "--link-dest=../basis"],
  ["manifold", "-aH", "--copy-dest=../basis"],
  ["manifold-rsync", "-a", "--compare-dest=../basis"],
] as const;
const backupRuns = [
  ["manifold", "-aI", "--backup", "--backup-dir=../backups", "--delete"],
  ["manifold-rsync", "-aI", "--backup", "--backup-dir=../backups", "--delete"],
] as const;
const stateRuns = [["manifold", "-aI", "--delete"]] as const;
const doors = ["linux", "portable"] as const;

/** The directory whose entry "sub" is exchanged, or the target's own state directory. */
type Side = "src" | "dst" | "basis" | "backups" | "dst/.manifold";

/** A tree with "sub" in it, and another that looks like it. */
interface Scene extends Disposable {
  readonly folder: TemporaryFolder;
  readonly outside: string;
  readonly before: TreeSnapshot;
}

function makeScene(): Scene {
  const folder = temporaryFolder();
  const outside = folder.at("outside");
  for (const name of ["src/sub", "dst/sub", "outside"]) fill(folder.at(name), name);
  for (const path of filesBelow(outside)) utimesSync(path, 1000, 2000);
  return {
    folder,
    outside,
    before: lookOutside(outside),
    [Symbol.dispose]: () => folder.remove(),
  };
}

/** Files to transfer, in two levels; outside they hold a secret, and there are more of them. */
function fill(path: string, name: string): void {
  const isOutside = name === "outside";
  for (const directory of [path, join(path, "deep")]) {
    mkdirSync(directory, { recursive: true });
    for (let i = 0; i < fileCount; i++) {
      const file = join(directory, `f${i}`);
      // Of one size and time everywhere, so that files outside would do as a basis.
      writeFileSync(file, isOutside ? secret : `${name} ${i}`.padEnd(secret.length));
      utimesSync(file, 1000, 2000);
    }
    for (const extra of ["extra", "more"]) {
      if (!name.startsWith("src")) writeFileSync(join(directory, extra), isOutside ? secret : "");
    }
  }
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const below = join(path, entry.name);
    if (entry.isDirectory()) return filesBelow(below);
    return entry.isFile() ? [below] : [];
  });
}

/** Everything but access times, which reading changes; those of files are compared by `wasRead`. */
function lookOutside(outside: string): TreeSnapshot {
  const snapshot = readTree(outside);
  for (const path of filesBelow(outside)) utimesSync(path, 1000, 2000);
  return snapshot;
}

function wasRead(outside: string): boolean {
  return filesBelow(outside).some((path) => lstatSync(path).atimeMs !== 1_000_000);
}

/** When anything of the entries was last changed; reading does not show here. */
function changeTimes(outside: string): readonly bigint[] {
  const names = ["", ...readdirSync(outside, { recursive: true, encoding: "utf8" })];
  return names.map((name) => lstatSync(join(outside, name), { bigint: true }).ctimeNs);
}

/** A directory and a link that leads outside, under these names: what the last run left goes first. */
function arm({ folder }: Scene, side: Side): readonly [string, string] {
  const exchanged = side === "dst/.manifold" ? side : `${side}/sub`;
  const names = [folder.at(exchanged), folder.at("parked")] as const;
  for (const name of names) rmSync(name, { recursive: true, force: true });
  // What a basis offers is wanted only where nothing is yet.
  if (side === "basis") rmSync(folder.at("dst"), { recursive: true, force: true });
  fill(names[0], exchanged);
  symlinkSync(folder.at("outside"), names[1]);
  return names;
}

function assertUntouched({ outside, before }: Scene, changed: readonly bigint[]): void {
  assert.ok(!wasRead(outside), "no file outside was read");
  assert.deepEqual(changeTimes(outside), changed, "nothing outside was changed");
  assertSameTree(before, lookOutside(outside), { ignore: [] });
}

function assertNoSecret({ folder }: Scene): void {
  for (const path of filesBelow(folder.at("dst"))) {
    assert.ok(!readFileSync(path, "latin1").includes(secret), `${path} has no secret`);
  }
}

function assertOrdinary({ exit, stderr }: Ended, what: string, also: readonly number[] = []): void {
  assert.ok([0, 23, 24, ...also].includes(exit ?? -1), `${what} ended with ${exit}: ${stderr}`);
  assert.doesNotMatch(stderr, /^ {4}at |Error:/m, what);
}

/** The doors that a row of options goes through. */
function doorsOf(options: readonly string[], row: number): readonly (typeof doors)[number][] {
  if (options.some((option) => option.startsWith("-aAX"))) return ["linux"];
  return isLong ? doors : [doors[row % 2] ?? "linux"];
}

/** Runs each row while the directory is exchanged. */
function raceRuns(
  scene: Scene,
  side: Side,
  rows: readonly (readonly ["manifold" | "manifold-rsync", ...string[]])[],
): void {
  for (const [row, [program, ...options]] of rows.entries()) {
    for (const door of doorsOf(options, row)) {
      for (let round = 0; round < rounds; round++) {
        const flipper = startFlipper(...arm(scene, side));
        const changed = changeTimes(scene.outside);
        const verb = program === "manifold" ? ["sync"] : [];
        const argv = [...verb, ...options, "src/", "dst/"];
        const ended = runOurs(program, argv, {
          cwd: scene.folder.path,
          env: { MANIFOLD_FS: door },
        });
        flipper.stop();
        const what = [door, program, ...options].join(" ");
        // Without a place of its own there is no run.
        assertOrdinary(ended, what, side === "dst/.manifold" ? [11] : []);
        assertUntouched(scene, changed);
        assertNoSecret(scene);
      }
    }
  }
}

test("a target whose directories are exchanged leads no run outside", { skip }, () => {
  using scene = makeScene();
  raceRuns(scene, "dst", targetRuns);
  // Left in peace, the next run completes.
  const argv = ["sync", "-aI", "--delete", "src/", "dst/"];
  assert.equal(runOurs("manifold", argv, { cwd: scene.folder.path }).exit, 0);
  assertSameTree(scene.folder.at("src"), scene.folder.at("dst"));
});

test("a source whose directories are exchanged gives away nothing outside", { skip }, () => {
  using scene = makeScene();
  raceRuns(scene, "src", sourceRuns);
});

test("a basis, a backup or a staging directory that is exchanged leads no run outside", {
  skip,
}, () => {
  using scene = makeScene();
  raceRuns(scene, "basis", basisRuns);
  raceRuns(scene, "backups", backupRuns);
  raceRuns(scene, "dst/.manifold", stateRuns);
});

test("a source file that is exchanged for a link gives away nothing behind the link", {
  skip,
}, () => {
  using scene = makeScene();
  const { folder, outside } = scene;
  const names = [folder.at("src/leaf"), folder.at("parked")] as const;
  const argv = ["sync", "-aI", "--exclude=sub", "src/", "dst/"];
  for (let round = 0; round < 2 * rounds; round++) {
    for (const name of names) rmSync(name, { force: true });
    writeFileSync(names[0], "src/leaf");
    symlinkSync(join(outside, "f1"), names[1]);
    const flipper = startFlipper(...names);
    const changed = changeTimes(outside);
    for (const door of doors) {
      const ended = runOurs("manifold", argv, { cwd: folder.path, env: { MANIFOLD_FS: door } });
      assertOrdinary(ended, door);
    }
    flipper.stop();
    assertUntouched(scene, changed);
    assertNoSecret(scene);
  }
});

function copyByPaths(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    const isDirectory = lstatSync(source).isDirectory();
    if (isDirectory) mkdirSync(target, { recursive: true });
    if (isDirectory) copyByPaths(source, target);
    else if (lstatSync(source).isFile()) copyFileSync(source, target);
  }
}

for (const side of ["src", "dst"] as const) {
  test(`copies by paths are led astray (${side}), so these tests can see`, { skip }, () => {
    using scene = makeScene();
    const flipper = startFlipper(...arm(scene, side));
    let caught = false;
    for (let turn = 0; turn < 2000 && !caught; turn++) {
      try {
        copyByPaths(scene.folder.at("src"), scene.folder.at("dst"));
      } catch {
        // Something else stood there for a moment.
      }
      caught = wasRead(scene.outside) || lstatSync(join(scene.outside, "f1")).mtimeMs !== 2_000_000;
    }
    flipper.stop();
    assert.ok(caught);
  });
}
