// Renames in the company of what makes them difficult: edits, other options, mounts, permissions. rsync, which sends what
// it finds under no other name, says what the tree must be; the bytes that went over the pipe say what was found.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  assertSameTree,
  readTree,
  sampled,
  type TemporaryFolder,
  temporaryFolder,
} from "../support/index.ts";
import { Side } from "./rename-scenes.ts";
import { isRoot, runOurs } from "./run-ours.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const program = join(import.meta.dirname, "..", "..", "manifold");
const haveRsync = spawnSync("rsync", ["--version"]).status === 0;
const kibi = 1024;

interface Case {
  readonly name: string;
  /** What both sides have, and what happens to the source, and to the target. */
  readonly before: (side: Side) => void;
  readonly change: (side: Side) => void;
  readonly target?: (side: Side, folder: TemporaryFolder) => void;
  /** Options of both, and of ours alone. */
  readonly argv: readonly string[];
  readonly ours?: readonly string[];
  /** Bytes that go over the pipe, at least and at most. */
  readonly wire: number;
  readonly wireMin?: number;
  /** Files that are made of others. */
  readonly found: number;
  readonly exit?: number;
  /** What of the tree is not as rsync leaves it. */
  readonly check?: (folder: TemporaryFolder) => void;
  readonly asNobody?: boolean;
}

/** What a run between two machines costs on the wire beside content. */
const begin = 3000;

const many = isLong ? 10_000 : 300;

const cases: readonly Case[] = [
  {
    name: "a directory of many files is renamed",
    before: (side) => {
      for (let i = 0; i < many; i++) side.file(`old/d${i % 9}/f${i}`, 200 + (i % 700), i % 300);
    },
    change: (side) => side.move("old", "new"),
    ...{ argv: ["--delete"], wire: begin + 150 * many, found: many },
  },
  {
    name: "a rename and an edit",
    before: (side) => side.file("a/report.txt", 200 * kibi),
    change: (side) => {
      side.move("a/report.txt", "done/report.txt");
      side.append("done/report.txt", "and more");
    },
    ...{ argv: ["--delete"], wire: 20 * kibi, found: 0 },
  },
  {
    name: "cp -p, and then an edit of the original",
    before: (side) => side.file("foo", 200 * kibi),
    change: (side) => {
      side.copy("foo", "foo.orig");
      side.append("foo", "edited");
    },
    ...{ argv: ["--delete"], wire: 20 * kibi, found: 1 },
  },
  {
    name: "another large file of the same size and time",
    before: (side) => side.file("old", 600 * kibi, 3),
    change: (side) => {
      side.move("old", "new");
      const content = side.read("new");
      side.write("new", Buffer.concat([content.subarray(0, -4), Buffer.from("edit")]));
      side.age("new", 3);
    },
    ...{ argv: ["--delete"], wire: 30 * kibi, found: 0 },
  },
  {
    name: "a directory without write permission gets what moved",
    before: (side) => {
      side.file("top", 90 * kibi);
      side.file("d/other", 10);
      chmodSync(side.at("d"), 0o555);
    },
    change: (side) => {
      chmodSync(side.at("d"), 0o755);
      side.move("top", "d/inner");
      chmodSync(side.at("d"), 0o555);
    },
    ...{ argv: ["--delete"], wire: begin + 400, found: 1, asNobody: true },
  },
  {
    name: "filters that hide the old name, which stays",
    before: (side) => side.file("log.old", 90 * kibi),
    change: (side) => side.move("log.old", "log.new"),
    ...{ argv: ["--delete", "--exclude=*.old"], wire: begin + 400, found: 1 },
  },
  {
    name: "a backup of what goes",
    before: (side) => {
      for (let i = 1; i < 5; i++) side.file(`log.${i}`, (40 + i) * kibi, 20 - i);
    },
    change: (side) => {
      side.move("log.4", "kept/log.4");
      for (let i = 3; i >= 1; i--) side.move(`log.${i}`, `log.${i + 1}`);
    },
    ...{ argv: ["--delete", "--backup", "--suffix=.bak"], wire: begin + 2000, found: 4 },
  },
  {
    name: "what is written in place has no old content to be found",
    before: (side) => {
      side.file("a", 90 * kibi, 1);
      side.file("b", 100 * kibi, 2);
    },
    change: (side) => {
      side.move("a", "c");
      side.move("b", "a");
      side.move("c", "b");
    },
    ...{ argv: ["--delete", "--inplace"], wire: 220 * kibi, wireMin: 150 * kibi, found: 0 },
  },
  {
    name: "a file that moved while --link-dest has another",
    before: (side) => {
      side.file("moves", 90 * kibi, 1);
      side.file("stays", 50 * kibi, 2);
    },
    change: (side) => side.move("moves", "moved"),
    target: (side, folder) => {
      mkdirSync(folder.at("basis"));
      side.copy("stays", "../basis/stays");
      side.remove("stays");
    },
    ...{ argv: ["--delete", `--link-dest=../basis`], wire: begin + 600, found: 1 },
    check: (folder) => {
      assert.equal(readFileSync(folder.at("dst/stays")).length, 50 * kibi);
    },
  },
  {
    name: "an unfinished file of an earlier run, and a renamed one that is whole",
    before: (side) => side.file("old", 90 * kibi),
    change: (side) => side.move("old", "new"),
    target: (side) => {
      mkdirSync(side.at(".part"));
      side.write(".part/new", side.read("old").subarray(0, 50 * kibi));
    },
    ...{ argv: ["--delete", "--partial-dir=.part"], wire: begin + 400, found: 1 },
  },
  {
    name: "an unfinished file that is continued, beside one that moved and one that moves over another",
    before: (side) => {
      side.file("old", 90 * kibi, 1);
      side.file("a", 80 * kibi, 2);
      side.file("b", 70 * kibi, 3);
    },
    change: (side) => {
      side.move("old", "new");
      side.move("a", "b");
      side.file("fresh", 200 * kibi, 4);
    },
    target: (side, folder) => {
      mkdirSync(side.at(".part"));
      const fresh = readFileSync(folder.at("src/fresh"));
      side.write(".part/fresh", fresh.subarray(0, 150 * kibi));
    },
    ...{ argv: ["--delete", "--partial-dir=.part"], found: 2 },
    ...{ wire: begin + 60 * kibi, wireMin: 50 * kibi },
  },
  {
    name: "what is appended to has no old content to be found, and is sent whole where it is new",
    before: (side) => {
      side.file("log", 1 * kibi, 1);
      side.file("old", 100 * kibi, 2);
    },
    change: (side) => {
      side.append("log", "more");
      side.move("old", "new");
    },
    ...{ argv: ["--delete", "--append"], wire: begin + 102 * kibi, wireMin: 100 * kibi, found: 0 },
  },
  {
    name: "a tree elsewhere that has what moved",
    before: (side) => side.file("stays", 10),
    change: (side) => side.file("new", 90 * kibi),
    target: (side, folder) => {
      const { path } = folder;
      mkdirSync(join(path, "elsewhere"));
      assert.equal(spawnSync("cp", ["-p", "src/new", "elsewhere/old"], { cwd: path }).status, 0);
      side.file("other", 5);
    },
    ours: ["--rename-from=../elsewhere"],
    ...{ argv: ["--delete"], wire: begin + 400, found: 1 },
    check: (folder) => assert.ok(existsSync(folder.at("elsewhere/old"))),
  },
  {
    name: "only files that kept their name, as the user believes those",
    before: (side) => {
      side.file("a/x", 90 * kibi, 1);
      side.file("a/y", 80 * kibi, 2);
    },
    change: (side) => {
      side.move("a/x", "b/x");
      side.move("a/y", "b/z");
    },
    ours: ["--detect-moved"],
    ...{ argv: ["--delete"], wire: begin + 81 * kibi, wireMin: 80 * kibi, found: 1 },
  },
  {
    name: "a limit on deletions",
    before: (side) => {
      for (let i = 0; i < 5; i++) side.file(`d/f${i}`, (30 + i) * kibi, i);
    },
    change: (side) => side.move("d", "e"),
    // One at a time, so that all agree on which go.
    ...{ argv: ["--delete-after", "--max-delete=0"], wire: begin + 5 * 300, found: 5, exit: 25 },
  },
  {
    name: "hard-linked names stay a group where they move",
    before: (side) => {
      side.file("a/one", 90 * kibi, 1);
      linkSync(side.at("a/one"), side.at("a/two"));
      side.file("left", 3);
    },
    change: (side) => {
      side.move("a/one", "b/one");
      side.move("a/two", "b/two");
    },
    ...{ argv: ["--delete", "-H"], wire: begin + 800, found: 1 },
  },
  {
    name: "names that are not UTF-8, in directories that are not",
    before: (side) => side.file("plain/f", 60 * kibi),
    change: (side) => {
      const to = Buffer.from(`${side.at("")}n\xff\xfe`, "latin1");
      assert.equal(spawnSync("mv", [side.at("plain"), to as never]).status, 0);
    },
    ...{ argv: ["--delete"], wire: begin + 400, found: 1 },
  },
];

/** Runs ours between two ends, and rsync on a copy of the target; what they leave must be the same. */
function check(one: Case, way: "push" | "pull"): void {
  using folder = temporaryFolder();
  const { path } = folder;
  const cp = (from: string, to: string): void => {
    assert.equal(spawnSync("cp", ["-a", from, to], { cwd: path }).status, 0);
  };
  mkdirSync(folder.at("src"));
  const side = new Side(folder.at("src"));
  one.before(side);
  cp("src", "dst");
  one.change(side);
  one.target?.(new Side(folder.at("dst")), folder);
  cp("dst", "oracle");
  if (one.asNobody === true && isRoot) spawnSync("chown", ["-R", "65534:65534", path]);
  const nobody = one.asNobody === true && isRoot ? { uid: 65534, gid: 65534 } : {};
  const theirs = spawnSync("rsync", ["-a", ...one.argv, "src/", "oracle/"], {
    cwd: path,
    ...nobody,
  });
  assert.equal(theirs.status, one.exit ?? 0, `${theirs.stderr}`);
  writeFileSync(folder.at("shell"), '#!/bin/sh\nshift\neval "exec $*"\n', { mode: 0o755 });
  const from = way === "pull" ? `h:${folder.at("src")}/` : "src/";
  const to = way === "push" ? `h:${folder.at("dst")}/` : "dst/";
  const far = ["-e", folder.at("shell"), `--remote-path=${program}`];
  const argv = ["sync", "--json", ...one.argv, ...(one.ours ?? []), ...far, from, to];
  const ran = runOurs("manifold", argv, { cwd: path, asNobody: one.asNobody ?? false });
  assert.equal(ran.exit, one.exit ?? 0, ran.stderr + ran.stdout);
  const last = JSON.parse(ran.lines.at(-1) ?? "") as Record<
    "entries" | "bytes",
    Record<string, number>
  >;
  const { moved = 0, copied = 0 } = last.entries;
  const { sent = 0, received = 0 } = last.bytes;
  assert.equal(moved + copied, one.found, ran.lines.at(-1));
  const wire = sent + received;
  assert.ok(wire <= one.wire, `${wire} bytes on the wire: ${ran.lines.at(-1)}`);
  assert.ok(wire >= (one.wireMin ?? 0), `${wire} bytes on the wire: ${ran.lines.at(-1)}`);
  // rsync leaves times of directories in which it deletes last, and fractions of a second.
  assertSameTree(readTree(folder.at("oracle")), folder.at("dst"), { ignore: ["mtimeNs"] });
  assert.ok(!existsSync(folder.at("dst/.manifold")), "nothing is left behind");
  one.check?.(folder);
}

describe("with rsync as the oracle", { skip: !haveRsync && "rsync is not installed" }, () => {
  for (const [at, one] of sampled([...cases.entries()], 3)) {
    it(one.name, () => {
      for (const way of sampled(["push", "pull"] as const, 2, at % 2)) check(one, way);
    });
  }
});

/** Each on a file system of its own. */
it("a move across mount points", { skip: !isRoot && "mounting takes root" }, () => {
  using folder = temporaryFolder();
  const { path } = folder;
  for (const name of ["src", "src/m", "dst"]) mkdirSync(folder.at(name));
  const side = new Side(folder.at("src"));
  side.file("in", 90 * kibi, 1);
  side.file("m/out", 80 * kibi, 2);
  assert.equal(spawnSync("cp", ["-a", "src/in", "src/m", "dst/"], { cwd: path }).status, 0);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "none", folder.at("dst/m")]);
  assert.equal(mounted.status, 0, `${mounted.stderr}`);
  try {
    assert.equal(spawnSync("cp", ["-a", "src/m/out", "dst/m/"], { cwd: path }).status, 0);
    side.move("in", "m/in");
    side.move("m/out", "out");
    const ran = runOurs("manifold", ["sync", "--delete", "--json", "src/", "dst/"], { cwd: path });
    assert.equal(ran.exit, 0, ran.stderr);
    const { entries, bytes } = JSON.parse(ran.lines.at(-1) ?? "");
    assert.deepEqual([entries.moved + entries.copied, bytes.literal], [2, 0], ran.stdout);
    assertSameTree(folder.at("src"), folder.at("dst"));
    assert.ok(!existsSync(folder.at("dst/m/.manifold")));
  } finally {
    assert.equal(spawnSync("umount", [folder.at("dst/m")]).status, 0);
  }
});

it("the old name stays where what it was to become fails", { skip: !isRoot && "two users" }, () => {
  using folder = temporaryFolder();
  for (const name of ["src", "src/closed", "dst", "dst/closed"]) mkdirSync(folder.at(name));
  const side = new Side(folder.at("src"));
  side.file("old", 90 * kibi);
  assert.equal(spawnSync("cp", ["-p", "src/old", "dst/"], { cwd: folder.path }).status, 0);
  side.move("old", "closed/new");
  spawnSync("chown", ["-R", "65534:65534", folder.path]);
  // It is somebody else's, and nobody may write there.
  chownSync(folder.at("dst/closed"), 0, 0);
  const argv = ["sync", "--delete", "-O", "--no-perms", "src/", "dst/"];
  const ran = runOurs("manifold", argv, { cwd: folder.path, asNobody: true });
  assert.equal(ran.exit, 23, ran.stderr);
  assert.deepEqual(readFileSync(folder.at("dst/old")), readFileSync(folder.at("src/closed/new")));
  assert.ok(!existsSync(folder.at("dst/.manifold")));
});
