// What diff finds of renamed, moved, copied and rotated files, and that everything downstream keeps it: nothing of them
// is sent, the target becomes the source, inverses and --undo bring the old tree back.

import assert from "node:assert/strict";
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertSameTree, readTree, sampled, temporaryFolder } from "../support/index.ts";
import { runStage, shown, stage } from "./stages.ts";

/** Bytes that deflate makes nothing of, different for each seed. */
function content(seed: number, size = 5000): Buffer {
  const bytes = Buffer.alloc(size);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

let clock = 1_600_000_000;

function write(path: string, bytes: Buffer | string): void {
  writeFileSync(path, bytes);
  clock += 10;
  utimesSync(path, clock, clock);
}

/** Edits a tree that is a copy of the target. */
type Edit = (at: (path: string) => string) => void;

interface Case {
  readonly name: string;
  readonly before: Edit;
  readonly edit: Edit;
  /** Orders of the kind MOVE that are expected at least, and literal bytes at most. */
  readonly moves: number;
  readonly literal: number;
  /** It takes more than listings to see them. */
  readonly needsTrees?: boolean;
}

const logs =
  (count: number): Edit =>
  (at) => {
    for (let n = 0; n < count; n++) write(at(n === 0 ? "log" : `log.${n}`), content(n, 4000 + n));
  };

const cases: readonly Case[] = [
  {
    name: "a rename in a directory",
    before: (at) => write(at("old"), content(1)),
    edit: (at) => renameSync(at("old"), at("new")),
    moves: 1,
    literal: 0,
  },
  {
    name: "a rename and a touch",
    before: (at) => write(at("old"), content(1)),
    edit: (at) => {
      renameSync(at("old"), at("new"));
      utimesSync(at("new"), 5, 5);
    },
    moves: 1,
    literal: 0,
  },
  {
    name: "a rename and an edit",
    before: (at) => write(at("report.txt"), content(1, 100_000)),
    edit: (at) => {
      mkdirSync(at("done"));
      rmSync(at("report.txt"));
      write(at("done/report.txt"), Buffer.concat([content(1, 100_000), Buffer.from("more")]));
    },
    moves: 1,
    literal: 3000,
    needsTrees: true,
  },
  {
    name: "a move to another directory, which is new, from one that is deleted",
    before: (at) => {
      mkdirSync(at("a"));
      write(at("a/file"), content(1));
    },
    edit: (at) => {
      mkdirSync(at("b/c"), { recursive: true });
      renameSync(at("a/file"), at("b/c/file"));
      rmSync(at("a"), { recursive: true });
    },
    moves: 1,
    literal: 0,
  },
  {
    name: "a renamed directory of 300 files",
    before: (at) => {
      mkdirSync(at("d/e"), { recursive: true });
      for (let n = 0; n < 300; n++) write(at(`d/${n % 2 ? "e/" : ""}f${n}`), content(n, 300));
    },
    edit: (at) => renameSync(at("d"), at("z")),
    moves: 300,
    literal: 0,
  },
  {
    name: "a swap",
    before: (at) => {
      write(at("a"), content(1));
      write(at("b"), content(2));
    },
    edit: (at) => {
      renameSync(at("a"), at("x"));
      renameSync(at("b"), at("a"));
      renameSync(at("x"), at("b"));
    },
    moves: 2,
    literal: 0,
  },
  {
    name: "a cycle of five",
    before: (at) => {
      for (let n = 0; n < 5; n++) write(at(`f${n}`), content(n));
    },
    edit: (at) => {
      renameSync(at("f0"), at("x"));
      for (let n = 0; n < 4; n++) renameSync(at(`f${n + 1}`), at(`f${n}`));
      renameSync(at("x"), at("f4"));
    },
    moves: 5,
    literal: 0,
  },
  {
    name: "a rotation of ten logs, the oldest goes",
    before: logs(10),
    edit: (at) => {
      for (let n = 8; n > 0; n--) renameSync(at(`log.${n}`), at(`log.${n + 1}`));
      renameSync(at("log"), at("log.1"));
      write(at("log"), "new\n");
    },
    moves: 9,
    literal: 4,
  },
  {
    name: "cp -p, then an edit of the original",
    before: (at) => write(at("foo"), content(1, 100_000)),
    edit: (at) => {
      copyFileSync(at("foo"), at("foo.orig"));
      const { mtime } = statSync(at("foo"));
      utimesSync(at("foo.orig"), mtime, mtime);
      write(at("foo"), Buffer.concat([content(1, 100_000), Buffer.from("edited")]));
    },
    moves: 1,
    literal: 3000,
  },
  {
    name: "a copy to fifty places",
    before: (at) => write(at("one"), content(1)),
    edit: (at) => {
      for (let n = 0; n < 50; n++) copyFileSync(at("one"), at(`copy${n}`));
    },
    moves: 50,
    literal: 0,
  },
  {
    name: "two files with the same content, both moved",
    before: (at) => {
      write(at("a"), content(1));
      write(at("b"), content(1));
    },
    edit: (at) => {
      renameSync(at("a"), at("c"));
      renameSync(at("b"), at("d"));
    },
    moves: 2,
    literal: 0,
  },
  {
    name: "a hard-linked group that moves",
    before: (at) => {
      write(at("one"), content(1));
      linkSync(at("one"), at("two"));
    },
    edit: (at) => {
      mkdirSync(at("d"));
      renameSync(at("one"), at("d/one"));
      renameSync(at("two"), at("d/two"));
    },
    moves: 1,
    literal: 0,
  },
  {
    name: "a file that becomes a directory, and moves into it",
    before: (at) => write(at("foo"), content(1)),
    edit: (at) => {
      renameSync(at("foo"), at("x"));
      mkdirSync(at("foo"));
      renameSync(at("x"), at("foo/foo"));
    },
    moves: 0,
    literal: 5000,
  },
  {
    name: "a directory that makes way for a file that was in it",
    before: (at) => {
      mkdirSync(at("d"));
      write(at("d/file"), content(1));
    },
    edit: (at) => {
      renameSync(at("d/file"), at("x"));
      rmSync(at("d"), { recursive: true });
      renameSync(at("x"), at("d"));
    },
    moves: 0,
    literal: 5000,
  },
  {
    name: "names that are not text",
    before: (at) => write(at("old"), content(1)),
    edit: (at) => renameSync(at("old"), Buffer.from(`${at("")}/n\xff\xfew`, "latin1") as never),
    moves: 1,
    literal: 0,
  },
];

/** How diff sees the two trees. */
const ways = {
  "both trees": (cwd: string) => stage(cwd, ["diff", "--delete", "a", "b"]),
  "a listing of the source": (cwd: string) =>
    stage(cwd, ["diff", "--delete", "-", "b"], stage(cwd, ["scan", "--digests", "a"])),
  "two listings": (cwd: string) => {
    writeFileSync(join(cwd, "list"), stage(cwd, ["scan", "--digests", "b"]));
    return stage(cwd, ["diff", "--delete", "-", "list"], stage(cwd, ["scan", "--digests", "a"]));
  },
};

const kindsOf = (cwd: string, changeset: Uint8Array): string[] =>
  shown(cwd, changeset).flatMap(({ order }) => (typeof order === "string" ? [order] : []));

const literalOf = (cwd: string, changeset: Uint8Array): number => {
  const trailer = shown(cwd, changeset).at(-1) as { totals?: { literal?: number } };
  return trailer.totals?.literal ?? 0;
};

const isSame = (cwd: string, a: string, b: string): void =>
  assertSameTree(readTree(join(cwd, a)), readTree(join(cwd, b)), { ignore: ["ctime"] as never });

/** Makes b by `before`, and a from it by `edit`. */
function prepare(cwd: string, { before, edit }: Pick<Case, "before" | "edit">): void {
  mkdirSync(join(cwd, "b"));
  before((path) => join(cwd, "b", path));
  cpSync(join(cwd, "b"), join(cwd, "a"), { recursive: true, preserveTimestamps: true });
  relink(join(cwd, "b"), join(cwd, "a"));
  edit((path) => join(cwd, "a", path));
}

/** cp of node:fs makes two files of two names. */
function relink(from: string, to: string): void {
  const first = new Map<number, string>();
  for (const name of readdirSync(from)) {
    const { nlink, ino } = statSync(join(from, name));
    if (nlink < 2 || statSync(join(from, name)).isDirectory()) continue;
    const leader = first.get(ino);
    if (leader === undefined) first.set(ino, name);
    else {
      rmSync(join(to, name));
      linkSync(join(to, leader), join(to, name));
    }
  }
}

for (const one of sampled(cases, 8)) {
  test(`${one.name}: found, not sent, applied, and undone`, () => {
    using folder = temporaryFolder();
    const cwd = folder.path;
    prepare(cwd, one);
    cpSync(join(cwd, "b"), join(cwd, "was"), { recursive: true, preserveTimestamps: true });
    const old = readTree(join(cwd, "b"));
    for (const [way, diff] of Object.entries(ways)) {
      if (one.needsTrees === true && way === "two listings") continue;
      const changeset = diff(cwd);
      const moves = kindsOf(cwd, changeset).filter((kind) => kind === "MOVE").length;
      assert.ok(moves >= one.moves, `${way}: ${moves} moves`);
      const data = stage(cwd, ["send", "a"], changeset);
      const allowance = way === "two listings" ? 200_000 : one.literal;
      assert.ok(literalOf(cwd, data) <= allowance, `${way}: ${literalOf(cwd, data)} bytes`);
      if (way === "two listings") continue;
      const inverse = stage(cwd, ["send", "b"], stage(cwd, ["invert"], changeset));
      const undo = join(cwd, "undo");
      writeFileSync(join(cwd, "data"), data);
      stage(cwd, ["receive", `--undo=${undo}`, "b"], data);
      isSame(cwd, "b", "a");
      // Applied twice is applied once.
      stage(cwd, ["receive", "b"], data);
      isSame(cwd, "b", "a");
      const back = way === "both trees" ? inverse : readFileSync(undo);
      stage(cwd, ["receive", "b"], back);
      assertSameTree(readTree(join(cwd, "b")), old, { ignore: ["ctime"] as never });
      rmSync(undo);
    }
  });
}

test("without digests of the source the sender confirms what size and time say", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  prepare(cwd, {
    before: (at) => {
      write(at("one"), content(1));
      write(at("two"), content(2));
      utimesSync(at("two"), 7, 7);
    },
    edit: (at) => {
      renameSync(at("one"), at("uno"));
      rmSync(at("two"));
      // An unrelated file of the same size and time.
      writeFileSync(at("dos"), content(3));
      utimesSync(at("dos"), 7, 7);
    },
  });
  const changeset = stage(cwd, ["diff", "--delete", "-", "b"], stage(cwd, ["scan", "a"]));
  assert.equal(kindsOf(cwd, changeset).filter((kind) => kind === "MOVE").length, 2);
  const data = stage(cwd, ["send", "a"], changeset);
  assert.equal(literalOf(cwd, data), 5000);
  stage(cwd, ["receive", "b"], data);
  isSame(cwd, "b", "a");
});

test("--no-detect-renamed looks for nothing, --detect-moved for the same name only, --detect-renamed-lax reads nothing", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  prepare(cwd, {
    before: (at) => {
      write(at("renamed"), content(1));
      write(at("moved"), content(2));
    },
    edit: (at) => {
      mkdirSync(at("d"));
      renameSync(at("renamed"), at("d/other"));
      renameSync(at("moved"), at("d/moved"));
    },
  });
  const from = (...options: string[]): unknown[] =>
    shown(cwd, stage(cwd, ["diff", "--delete", ...options, "a", "b"]))
      .filter(({ order }) => order === "MOVE")
      .map(({ from: basis }) => basis);
  assert.deepEqual(from("--no-detect-renamed"), []);
  assert.deepEqual(from("--detect-moved"), ["moved"]);
  assert.deepEqual(from("--detect-renamed-lax"), ["moved", "renamed"]);
  const lax = stage(cwd, ["diff", "--delete", "--detect-renamed-lax", "a", "b"]);
  const data = stage(cwd, ["send", "a"], lax);
  assert.equal(literalOf(cwd, data), 0);
  stage(cwd, ["receive", "b"], data);
  isSame(cwd, "b", "a");
});

test("show tells old and new, as text and as JSON", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  prepare(cwd, cases[0] as Case);
  const changeset = stage(cwd, ["diff", "--delete", "a", "b"]);
  assert.match(runStage(cwd, ["show", "-"], changeset).bytes.toString("latin1"), /old -> new/);
  const move = shown(cwd, changeset).find(({ order }) => order === "MOVE");
  assert.deepEqual([move?.from, move?.path], ["old", "new"]);
  const stat = runStage(cwd, ["show", "--stat", "-"], changeset).bytes.toString("latin1");
  assert.match(stat, /move 1, .*5,000 bytes, 5,000 of them moved/);
});

/** A run of numbers that a seed gives. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Renames, copies, swaps, rotates, edits and deletes files of a flat set of directories. */
function shuffle(root: string, seed: number, steps: number): void {
  const pick = numbers(seed);
  const directories = ["", "d", "d/e", "f"].map((path) => join(root, path));
  const files = (): string[] =>
    directories.flatMap((path) =>
      readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(path, entry.name))
        .sort(),
    );
  const place = (): string => join(directories[pick(directories.length)] as string, `n${pick(12)}`);
  for (let n = 0; n < steps; n++) {
    const all = files();
    const [a, b] = [all[pick(all.length)] as string, all[pick(all.length)] as string];
    const what = pick(6);
    if (what === 0) renameSync(a, place());
    else if (what === 1) {
      const to = place();
      if (to !== a) cpSync(a, to, { preserveTimestamps: true });
    } else if (what === 2 && a !== b) {
      renameSync(a, join(root, "x"));
      renameSync(b, a);
      renameSync(join(root, "x"), b);
    } else if (what === 3) write(a, Buffer.concat([readFileSync(a), Buffer.from(`${n}`)]));
    else if (what === 4) write(place(), content(pick(1000), 1 + pick(4000)));
    else if (all.length > 8) rmSync(a);
  }
}

test("whatever was renamed, copied, swapped, edited: receive makes the source of it, and undo the target", () => {
  const rounds = process.env.MANIFOLD_LONG === "1" ? 60 : 3;
  for (let seed = 1; seed <= rounds; seed++) {
    using folder = temporaryFolder();
    const cwd = folder.path;
    prepare(cwd, {
      before: (at) => {
        mkdirSync(at("d/e"), { recursive: true });
        mkdirSync(at("f"));
        for (let n = 0; n < 20; n++)
          write(at(`${["", "d/", "d/e/", "f/"][n % 4]}n${n % 12}`), content(n, 500 + n * 90));
      },
      edit: (at) => shuffle(at(""), seed, 25),
    });
    const old = readTree(join(cwd, "b"));
    const changeset = ways[seed % 2 === 0 ? "both trees" : "a listing of the source"](cwd);
    const data = stage(cwd, ["send", "a"], changeset);
    const inverse = stage(cwd, ["send", "b"], stage(cwd, ["invert"], changeset));
    stage(cwd, ["receive", `--undo=${join(cwd, "undo")}`, "b"], data);
    isSame(cwd, "b", "a");
    const back = seed % 3 === 0 ? inverse : readFileSync(join(cwd, "undo"));
    stage(cwd, ["receive", "b"], back);
    assertSameTree(readTree(join(cwd, "b")), old, { ignore: ["ctime"] as never });
  }
});

test("a name that leaves its group of hard links becomes a file of its own", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const tree of ["a", "b"]) {
    mkdirSync(join(cwd, tree));
    writeFileSync(join(cwd, tree, "one"), content(1));
    utimesSync(join(cwd, tree, "one"), 1_600_000_000, 1_600_000_000);
  }
  cpSync(join(cwd, "a/one"), join(cwd, "a/two"), { preserveTimestamps: true });
  linkSync(join(cwd, "b/one"), join(cwd, "b/two"));
  stage(cwd, ["receive", "b"], stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "b"])));
  isSame(cwd, "b", "a");
  assert.equal(statSync(join(cwd, "b/one")).nlink, 1);
});
