// Races: somebody keeps exchanging a directory, or a file, for a symlink that leads outside while the
// door works below it. Not one operation may reach what is outside, neither to change nor to read it.
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
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ByteString } from "../../../src/base/index.ts";
import { type DirHandle, type FileSystem, FsError, Stat } from "../../../src/fs/index.ts";
import { cannotFlip, startFlipper } from "../../support/flipper.ts";
import { assertSameTree, readTree, type TreeSnapshot } from "../../support/index.ts";
import { setXattr } from "../../support/system-calls.ts";
import { check, type FsFixture, inside, put } from "./fixture.ts";
import { type Attempt, insideContent, outsideName, raceActs } from "./race-acts.ts";

/** How often the names are exchanged while one operation is tried, and it is tried at least that often. */
const flipsMin = process.env.MANIFOLD_LONG === "1" ? 20_000 : 400;
const triesMin = process.env.MANIFOLD_LONG === "1" ? 5_000 : 100;
/** Where the machine hardly lets the other thread run. */
const triesMax = 1000 * triesMin;

interface Arena {
  readonly base: string;
  readonly outside: string;
  readonly before: TreeSnapshot;
  /** Inodes of everything outside. */
  readonly inodes: ReadonlySet<string>;
}

/** What is outside, and a directory with the same names inside. */
function makeArena(path: string): Arena {
  const base = join(path, "base");
  const outside = join(path, "outside");
  mkdirSync(base);
  for (const directory of [outside, join(base, "sub")]) {
    mkdirSync(join(directory, "empty"), { recursive: true });
    mkdirSync(join(directory, "inner"));
  }
  for (const directory of [join(base, "sub"), join(base, "sub/inner")]) {
    writeFileSync(join(directory, "old"), insideContent);
  }
  for (const directory of [outside, join(outside, "inner")]) {
    writeFileSync(join(directory, "old"), "what nobody may read");
    writeFileSync(join(directory, outsideName), "");
    markOutside(join(directory, "old"));
  }
  symlinkSync("../outside", join(base, "link"));
  const inodes = [
    outside,
    join(outside, "old"),
    join(outside, "inner"),
    join(outside, "inner/old"),
  ];
  return {
    base,
    outside,
    before: readTree(outside),
    inodes: new Set(inodes.map((name) => String(lstatSync(name, { bigint: true }).ino))),
  };
}

function markOutside(path: string): void {
  try {
    setXattr(path, "user.outside", "secret");
  } catch {
    // No such attributes here: the tests of attributes have nothing to find.
  }
}

function assertUntouched({ outside, before }: Arena): void {
  assertSameTree(before, readTree(outside), { also: ["ctimeNs"] });
}

const refusals = [
  "ENOENT",
  "ELOOP",
  "ENOTDIR",
  "EXDEV",
  "EEXIST",
  "EOPNOTSUPP",
  "EPERM",
  "ENODATA",
];
/** What may go wrong while something else stands under the name: nothing else is accepted. */
const expected = new Set([...refusals, "EINVAL", "EISDIR", "ENOTEMPTY", "ESTALE", "EAGAIN"]);

function goesThrough(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof FsError && expected.has(error.code)) return false;
    throw error;
  }
}

/**
 * Tries an action while two names below the base are exchanged, until it was `reached` and went on long enough; returns
 * how often it went through.
 */
function race(
  { base }: Arena,
  names: readonly [string, string],
  action: (turn: number) => void,
  reached: () => boolean = () => true,
): number {
  const [one, other] = names.map((name) => join(base, name)) as [string, string];
  const flipper = startFlipper(one, other);
  let through = 0;
  const goesOn = (turn: number): boolean =>
    turn < triesMin || flipper.flips < flipsMin || !reached();
  try {
    for (let turn = 0; turn < triesMax && goesOn(turn); turn++) {
      if (goesThrough(() => action(turn))) through++;
    }
  } finally {
    flipper.stop();
  }
  return through;
}

function attemptIn(arena: Arena, fs: FileSystem, dir: DirHandle, turn: number): Attempt {
  const saw = ({ inoHigh, inoLow }: Stat): void => {
    const inode = (BigInt(inoHigh) << 32n) | BigInt(inoLow);
    assert.ok(!arena.inodes.has(String(inode)), "nothing outside is looked at");
  };
  return { fs, dir, old: "old", fresh: `n${turn}`, saw };
}

function withDirectory(
  fs: FileSystem,
  from: DirHandle,
  [path, follow]: readonly [ByteString, "none" | "beneath"],
  action: (dir: DirHandle) => void,
): void {
  const dir = fs.openDirectory(from, path, follow);
  try {
    action(dir);
  } finally {
    fs.closeDirectory(dir);
  }
}

const ways = [
  ["sub", "none"],
  ["sub", "beneath"],
  ["sub/inner", "none"],
  ["sub/inner", "beneath"],
] as const;

/** Defines the tests of races against symlinks. */
export function confinementTests(open: () => FsFixture): void {
  const skip = cannotFlip();
  const define = (property: string, body: (fixture: FsFixture, arena: Arena) => void): void => {
    test(property, { skip }, () => {
      const fixture = open();
      try {
        if (fixture.path === undefined || !fixture.fs.abilities.confined) return;
        const arena = makeArena(fixture.path);
        body(fixture, arena);
        assertUntouched(arena);
      } finally {
        fixture.close();
      }
    });
  };

  define("below a directory that is exchanged no operation reaches outside", (fixture, arena) => {
    const { fs, root } = fixture;
    withDirectory(fs, root, ["base", "none"], (base) => {
      for (const [name, act] of Object.entries(raceActs)) {
        let opened = 0;
        const attempt = (turn: number): void =>
          withDirectory(fs, base, ways[turn % ways.length] ?? ways[0], (dir) => {
            opened++;
            act(attemptIn(arena, fs, dir, turn));
          });
        race(arena, ["sub", "link"], attempt, () => opened > 0);
        assert.ok(opened > 0, `${name} was tried`);
      }
    });
  });

  define(
    "in a pinned directory every operation goes on, whatever its parents are",
    (fixture, arena) => {
      const { fs, root } = fixture;
      withDirectory(fs, root, ["base/sub/inner", "none"], (inner) => {
        fs.makeDirectory(inner, "empty", 0o700);
        for (const [name, act] of Object.entries(raceActs)) {
          const works = goesThrough(() => act(attemptIn(arena, fs, inner, -1)));
          const through = race(arena, ["sub", "link"], (turn) =>
            act(attemptIn(arena, fs, inner, turn)),
          );
          assert.equal(through > 0, works, `${name} works as if nobody were there`);
        }
      });
    },
  );

  define("no operation follows a name that becomes a symlink", (fixture, arena) => {
    const { fs, root } = fixture;
    const leaf = (): void => {
      for (const name of ["leaf", "link"]) rmSync(join(arena.base, name), { force: true });
      writeFileSync(join(arena.base, "leaf"), insideContent);
      symlinkSync("../outside/old", join(arena.base, "link"));
    };
    mkdirSync(join(arena.base, "empty"));
    withDirectory(fs, root, ["base", "none"], (base) => {
      for (const act of Object.values(raceActs)) {
        leaf();
        race(arena, ["leaf", "link"], (turn) => {
          // Whoever takes a name away leaves nothing to exchange.
          if (turn % 8 === 7 && namesLeft(arena.base) < 2) mend(arena.base);
          act({ ...attemptIn(arena, fs, base, turn), old: "leaf", fresh: "leaf" });
        });
      }
    });
  });

  test("the same race by paths escapes, so these tests can see", { skip }, () => {
    const fixture = open();
    try {
      if (fixture.path !== undefined) assertNaiveEscapes(makeArena(fixture.path));
    } finally {
      fixture.close();
    }
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

function namesLeft(base: string): number {
  return readdirSync(base).filter((name) => name === "leaf" || name === "link").length;
}

/** Puts back what an operation took away: under either name a file or the link. */
function mend(base: string): void {
  for (const [name, other] of [
    ["leaf", "link"],
    ["link", "leaf"],
  ] as const) {
    if (lstatSync(join(base, name), { throwIfNoEntry: false }) !== undefined) continue;
    const isLink = lstatSync(join(base, other), { throwIfNoEntry: false })?.isSymbolicLink();
    const made = join(base, "mended");
    if (isLink === true) writeFileSync(made, insideContent);
    else symlinkSync("../outside/old", made);
    renameSync(made, join(base, name));
  }
}

/** Looks first and opens by path then, as code does that has no door. */
function assertNaiveEscapes(arena: Arena): void {
  const sub = join(arena.base, "sub");
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_WRONLY;
  let escapes = 0;
  const flipper = startFlipper(sub, join(arena.base, "link"));
  for (let turn = 0; turn < 200_000 && escapes === 0; turn++) {
    if (lstatSync(sub).isDirectory()) closeSync(openSync(join(sub, `n${turn}`), flags));
    if (turn % 100 === 99) escapes = readdirSync(arena.outside).length - 4;
  }
  flipper.stop();
  assert.ok(escapes > 0, "the naive way is caught");
}
