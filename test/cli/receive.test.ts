// Pins receive: a difference applied makes the trees equal, by every composition of the verbs; applied
// twice it does nothing; its inverse restores the old tree; what changed meanwhile is left alone; a
// killed run is finished by the next.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
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
import { fileURLToPath } from "node:url";
import { seededRandom } from "../../src/base/index.ts";
import {
  assertSameTree,
  mutateTree,
  readTree,
  sampled,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { runStage, stage } from "./stages.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const seeds = isLong ? 40 : 1;
const kills = isLong ? 100 : 2;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Makes trees a and b, b a changed version of a, and c a copy of b. */
function makeTrees(cwd: string, seed: number): void {
  mkdirSync(join(cwd, "a"));
  writeTree(join(cwd, "a"), varietyTree(seed));
  copy(cwd, "a", "b");
  mutateTree(seed, join(cwd, "b"), { changes: 25 });
  copy(cwd, "b", "c");
}

function copy(cwd: string, from: string, to: string): void {
  const { status, stderr } = spawnSync("cp", ["-a", from, to], { cwd, encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

const tree = (cwd: string, name: string): ReturnType<typeof readTree> => readTree(join(cwd, name));

test("a difference applied makes the trees equal, again it does nothing, its inverse undoes it", () => {
  for (let seed = 0; seed < seeds; seed++) {
    using folder = temporaryFolder();
    const cwd = folder.path;
    makeTrees(cwd, seed);
    const [a, b] = [tree(cwd, "a"), tree(cwd, "b")];
    const difference = stage(cwd, ["diff", "a", "c"]);
    const inverse = stage(cwd, ["send", "b"], stage(cwd, ["invert"], difference));
    const changeset = stage(cwd, ["send", "a"], difference);
    stage(cwd, ["receive", "c"], changeset);
    assertSameTree(tree(cwd, "c"), a);
    const again = stage(cwd, ["receive", "-i", "c"], changeset).toString("latin1");
    assert.equal(again, "", `seed ${seed}`);
    assertSameTree(tree(cwd, "c"), a);
    stage(cwd, ["receive", "c"], inverse);
    assertSameTree(tree(cwd, "c"), b);
  }
});

test("--undo writes what restores the old tree, from a file and from a pipe", () => {
  for (const way of ["file", "pipe"]) {
    using folder = temporaryFolder();
    const cwd = folder.path;
    makeTrees(cwd, 12);
    writeFileSync(join(cwd, "f"), stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "c"])));
    const manifold = here("../../manifold");
    const input =
      way === "file"
        ? `"${manifold}" receive --undo undo c < f`
        : `cat f | "${manifold}" receive --undo undo c`;
    const { status, stderr } = spawnSync("sh", ["-c", input], { cwd, encoding: "latin1" });
    assert.equal(status, 0, stderr);
    assertSameTree(tree(cwd, "c"), tree(cwd, "a"));
    stage(cwd, ["receive", "c"], readFileSync(join(cwd, "undo")));
    assertSameTree(tree(cwd, "c"), tree(cwd, "b"));
  }
});

test("where the file of --undo cannot be written, nothing is changed", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  writeFileSync(join(cwd, "f"), smallTrees(cwd));
  const before = tree(cwd, "b");
  const { exit, stderr } = runStage(
    cwd,
    ["receive", "--undo", "missing/undo", "b"],
    readFileSync(join(cwd, "f")),
  );
  assert.equal(exit, 11);
  assert.match(stderr, /annot write "missing\/undo"/);
  assertSameTree(tree(cwd, "b"), before);
});

test("pipes and files, listings and trees: every composition gives the same tree", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeTrees(cwd, 5);
  const a = tree(cwd, "a");
  const manifold = here("../../manifold");
  const compositions = [
    "M scan a | M diff - c | M send a | M receive c",
    "M scan a > 1; M diff 1 c > 2; M send a < 2 > 3; M receive c < 3",
    "M scan c > 1; M diff a 1 | M send a -z > 3; M receive c < 3",
    "M diff --basis=none a c | M send a | M receive c",
    "M diff --basis=digest a c > 2; M send a < 2 | M receive c",
    "M scan --digests a > 1; M scan --digests c > 2; M diff 1 2 | M send a | M receive c",
  ];
  for (const composition of sampled(compositions)) {
    rmSync(join(cwd, "c"), { recursive: true });
    copy(cwd, "b", "c");
    const script = `set -eo pipefail; M() { "${manifold}" "$@"; }; ${composition}`;
    const { status, stderr } = spawnSync("bash", ["-c", script], { cwd, encoding: "latin1" });
    assert.equal(status, 0, `${composition}: ${stderr}`);
    assertSameTree(tree(cwd, "c"), a);
  }
});

test("several targets take the same changeset", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeTrees(cwd, 6);
  copy(cwd, "c", "d");
  const changeset = stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "c"]));
  for (const name of ["c", "d"]) {
    stage(cwd, ["receive", name], changeset);
    assertSameTree(tree(cwd, name), tree(cwd, "a"));
  }
});

/** Makes a and b with small files, and returns the changeset from b to a. */
function smallTrees(cwd: string): Buffer {
  for (const name of ["a", "b"]) {
    mkdirSync(join(cwd, name, "d"), { recursive: true });
    for (const file of ["changed", "kept", "gone", "d/inner"]) {
      writeFileSync(join(cwd, name, file), `${file} old`);
      utimesSync(join(cwd, name, file), 1000, 1000);
    }
  }
  writeFileSync(join(cwd, "a/changed"), "new content");
  writeFileSync(join(cwd, "a/added"), "added");
  rmSync(join(cwd, "a/gone"));
  rmSync(join(cwd, "a/d"), { recursive: true });
  return stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "b"]));
}

test("what is neither as before nor as after is a conflict: told, left alone, exit status 23", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  const changeset = smallTrees(cwd);
  appendFileSync(join(cwd, "b/changed"), " by somebody");
  writeFileSync(join(cwd, "b/added"), "somebody's");
  appendFileSync(join(cwd, "b/gone"), " by somebody");
  writeFileSync(join(cwd, "b/d/more"), "somebody's");
  const { exit, stderr } = runStage(cwd, ["receive", "b"], changeset);
  assert.equal(exit, 23);
  assert.equal(stderr.match(/conflict at/g)?.length, 4, stderr);
  assert.equal(readFileSync(join(cwd, "b/changed"), "utf8"), "changed old by somebody");
  assert.equal(readFileSync(join(cwd, "b/added"), "utf8"), "somebody's");
  assert.equal(readFileSync(join(cwd, "b/gone"), "utf8"), "gone old by somebody");
  assert.deepEqual(readdirSync(join(cwd, "b/d")), ["more"]);
});

test("--on-conflict=overwrite takes the changeset's word", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  const changeset = smallTrees(cwd);
  appendFileSync(join(cwd, "b/changed"), " by somebody");
  appendFileSync(join(cwd, "b/gone"), " by somebody");
  stage(cwd, ["receive", "--on-conflict=overwrite", "b"], changeset);
  assertSameTree(tree(cwd, "b"), tree(cwd, "a"));
});

test("--on-conflict=keep-both gives what is there another name", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  const changeset = smallTrees(cwd);
  appendFileSync(join(cwd, "b/changed"), " by somebody");
  writeFileSync(join(cwd, "b/added"), "somebody's");
  const { exit, stderr } = runStage(cwd, ["receive", "--on-conflict=keep-both", "b"], changeset);
  assert.equal(exit, 23);
  assert.match(stderr, /it is now "changed.conflict"/);
  const content = (name: string): string => readFileSync(join(cwd, "b", name), "utf8");
  assert.deepEqual([content("added"), content("added.conflict")], ["added", "somebody's"]);
  assert.equal(content("changed"), "new content");
  assert.equal(content("changed.conflict"), "changed old by somebody");
});

test("a dry run tells everything and touches nothing", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeTrees(cwd, 8);
  const before = tree(cwd, "c");
  const changeset = stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "c"]));
  const dry = stage(cwd, ["receive", "-ni", "c"], changeset).toString("latin1");
  assertSameTree(tree(cwd, "c"), before);
  const real = stage(cwd, ["receive", "-i", "c"], changeset).toString("latin1");
  assert.equal(dry, real);
});

test("a damaged file changes nothing at all, and says where it is damaged", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  const changeset = smallTrees(cwd);
  const before = tree(cwd, "b");
  const random = seededRandom(1);
  for (let n = 0; n < (isLong ? 200 : 2); n++) {
    const damaged = Buffer.from(changeset);
    const at = random.uint32() % damaged.length;
    damaged[at] = (damaged[at] as number) ^ (1 << (random.uint32() % 8));
    writeFileSync(join(cwd, "damaged"), damaged);
    const script = `"${here("../../manifold")}" receive b < damaged`;
    const { status, stderr } = spawnSync("sh", ["-c", script], { cwd, encoding: "latin1" });
    assert.equal(status, 12, `byte ${at}: ${stderr}`);
    assert.match(stderr, /at byte [0-9]+/);
    assertSameTree(tree(cwd, "b"), before);
  }
});

test("from a pipe that breaks off, whole directories are applied and the rest is told", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeTrees(cwd, 9);
  const changeset = stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "c"]));
  for (const share of [0.3, 0.6, 0.9]) {
    const part = changeset.subarray(0, Math.floor(changeset.length * share));
    const { exit, stderr } = runStage(cwd, ["receive", "c"], part);
    assert.equal(exit, 12);
    assert.match(stderr, /the input ends/);
  }
  stage(cwd, ["receive", "c"], changeset);
  assertSameTree(tree(cwd, "c"), tree(cwd, "a"));
});

test("content that is not what was sent does not get its name", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  const changeset = smallTrees(cwd);
  const at = changeset.indexOf("new content");
  changeset[at] = "N".charCodeAt(0);
  const { exit, stderr } = runStage(cwd, ["receive", "b"], changeset);
  // The trailer's digest finds it, too; but by then the file has been refused.
  assert.equal(exit, 12);
  assert.match(stderr, /b\/changed.*what arrived is not what was sent/s);
  assert.equal(readFileSync(join(cwd, "b/changed"), "utf8"), "changed old");
});

test("nothing leads out of the root, through links that are there or that the changeset makes", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["a/d", "b", "outside"]) mkdirSync(join(cwd, name), { recursive: true });
  writeFileSync(join(cwd, "a/d/x"), "x");
  const changeset = stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "b"]));
  symlinkSync("../outside", join(cwd, "b/d"));
  const { exit } = runStage(cwd, ["receive", "b"], changeset);
  assert.equal(exit, 23);
  assert.deepEqual(readdirSync(join(cwd, "outside")), []);
  assert.ok(lstatSync(join(cwd, "b/d")).isSymbolicLink());
});

test("a directory becomes a file and a file a directory, and back", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a/two/deep"), { recursive: true });
  mkdirSync(join(cwd, "b/one/deep"), { recursive: true });
  writeFileSync(join(cwd, "a/one"), "one");
  writeFileSync(join(cwd, "a/two/deep/x"), "x");
  writeFileSync(join(cwd, "b/one/deep/y"), "y");
  writeFileSync(join(cwd, "b/two"), "two");
  const [a, b] = [tree(cwd, "a"), tree(cwd, "b")];
  const difference = stage(cwd, ["diff", "a", "b"]);
  const inverse = stage(cwd, ["send", "b"], stage(cwd, ["invert"], difference));
  stage(cwd, ["receive", "b"], stage(cwd, ["send", "a"], difference));
  assertSameTree(tree(cwd, "b"), a);
  stage(cwd, ["receive", "b"], inverse);
  assertSameTree(tree(cwd, "b"), b);
});

test("a directory that is not what the changeset expects does not make way for a file", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a"));
  mkdirSync(join(cwd, "b/one"), { recursive: true });
  writeFileSync(join(cwd, "a/one"), "one");
  writeFileSync(join(cwd, "b/one/y"), "y");
  const changeset = stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "b"]));
  writeFileSync(join(cwd, "b/one/z"), "somebody's");
  const { exit, stderr } = runStage(cwd, ["receive", "b"], changeset);
  assert.equal(exit, 23, stderr);
  assert.deepEqual(readdirSync(join(cwd, "b/one")), ["z"]);
  assert.equal(existsSync(join(cwd, "b/.manifold")), false);
});

test(`killed at ${kills} moments, the next run finishes and leaves no debris`, (t) => {
  if (spawnSync("strace", ["-V"]).status !== 0) {
    t.skip("strace is not installed");
    return;
  }
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeTrees(cwd, 10);
  const changeset = stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "b"]));
  writeFileSync(join(cwd, "changeset"), changeset);
  const a = tree(cwd, "a");
  const random = seededRandom(10);
  for (let n = 0; n < kills; n++) {
    rmSync(join(cwd, "c"), { recursive: true });
    copy(cwd, "b", "c");
    // strace ends the process at one of its calls that change the tree, so that no moment is missed.
    const call = 1 + (random.uint32() % 60);
    const names = "renameat2,unlinkat,mkdirat,linkat,symlinkat,utimensat,fchmodat,write,pwrite64";
    const inject = `inject=${names}:signal=KILL:when=${call}`;
    const script = `strace -f -qq -o /dev/null -e trace=${names} -e ${inject} "${here("../../manifold")}" receive c < changeset`;
    spawnSync("sh", ["-c", script], { cwd, stdio: "ignore" });
    const finish = spawnSync("sh", ["-c", `"${here("../../manifold")}" receive c < changeset`], {
      cwd,
      encoding: "latin1",
    });
    assert.equal(finish.status, 0, `call ${call}: ${finish.stderr}`);
    assertSameTree(tree(cwd, "c"), a);
  }
});

test("a changeset that a Python script made by hand is sent and received", (t) => {
  if (spawnSync("python3", ["--version"]).status !== 0) {
    t.skip("python3 is not installed");
    return;
  }
  using folder = temporaryFolder();
  const cwd = folder.path;
  const script = here("../changeset/make-changeset.py");
  for (const name of ["a", "b", "c"]) mkdirSync(join(cwd, name));
  writeFileSync(join(cwd, "a/greeting"), "hello from Python\n");
  utimesSync(join(cwd, "a/greeting"), 1_700_000_000, 1_700_000_000);
  for (const [name, argv] of [
    ["csetdata", []],
    ["cset", ["no-data"]],
  ] as const) {
    assert.equal(spawnSync("python3", [script, join(cwd, name), ...argv]).status, 0);
  }
  stage(cwd, ["receive", "b"], readFileSync(join(cwd, "csetdata")));
  stage(cwd, ["receive", "c"], stage(cwd, ["send", "a"], readFileSync(join(cwd, "cset"))));
  for (const name of ["b", "c"]) {
    assert.equal(readFileSync(join(cwd, name, "greeting"), "utf8"), "hello from Python\n");
  }
});

test("an empty state directory that a killed run left goes, even if nothing is left to be done", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  const changeset = smallTrees(cwd);
  stage(cwd, ["receive", "b"], changeset);
  mkdirSync(join(cwd, "b/.manifold"));
  stage(cwd, ["receive", "b"], changeset);
  assertSameTree(tree(cwd, "b"), tree(cwd, "a"));
});

test("what is wrong with the input is said before anything is touched", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a"));
  writeFileSync(join(cwd, "a/x"), "x");
  mkdirSync(join(cwd, "b"));
  const difference = stage(cwd, ["diff", "a", "b"]);
  const cases: [Buffer, number, RegExp][] = [
    [difference, 3, /has no data/],
    [stage(cwd, ["scan", "a"]), 3, /is a listing/],
    [Buffer.from("text"), 12, /no changeset or listing/],
  ];
  for (const [input, exit, says] of cases) {
    const ended = runStage(cwd, ["receive", "b"], input);
    assert.equal(ended.exit, exit, ended.stderr);
    assert.match(ended.stderr, says);
  }
  assert.equal(runStage(cwd, ["receive", "missing"], difference).exit, 3);
  assert.deepEqual(readdirSync(join(cwd, "b")), []);
});
