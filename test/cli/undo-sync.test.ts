// Pins `sync --undo FILE`: receiving FILE restores the target exactly, whatever the sync keeps of its sources;
// what was changed after the sync is left alone; and a sync that cannot be undone does not begin.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  assertSameTree,
  mutateTree,
  readTree,
  sampled,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { runStage, type StageEnded, shown } from "./stages.ts";

const program = join(import.meta.dirname, "..", "..", "manifold");
const seeds = process.env.MANIFOLD_LONG === "1" ? 40 : 1;

/** Makes trees a and b, b a changed version of a. */
function makeTrees(cwd: string, seed: number): void {
  mkdirSync(join(cwd, "a"));
  writeTree(join(cwd, "a"), varietyTree(seed));
  assert.equal(spawnSync("cp", ["-a", "a", "b"], { cwd }).status, 0);
  mutateTree(seed, join(cwd, "b"), { changes: 30 });
}

function ran(cwd: string, argv: readonly string[], input?: Uint8Array): string {
  const { exit, bytes, stderr } = runStage(cwd, argv, input);
  assert.equal(exit, 0, `manifold ${argv.join(" ")}: ${stderr}`);
  return bytes.toString("latin1");
}

test("what a sync undid is restored, times and hard links included", () => {
  // Without --delete, names that the sync leaves alone may be links to files that it does not.
  const ways = [[], ["-HAX"], ["--checksum", "--delay-updates"], ["--size-only"]];
  for (let seed = 0; seed < seeds; seed++) {
    for (const way of ways) {
      using folder = temporaryFolder();
      const cwd = folder.path;
      makeTrees(cwd, seed);
      const before = readTree(join(cwd, "b"));
      const synced = runStage(cwd, ["sync", "--force", "--delete", ...way, "--undo=u", "a/", "b/"]);
      assert.equal(synced.exit, 0, synced.stderr);
      const undone = runStage(cwd, ["receive", "b"], readFileSync(join(cwd, "u")));
      assert.equal(undone.exit, 0, `seed ${seed} ${way.join(" ")}: ${undone.stderr}`);
      assertSameTree(readTree(join(cwd, "b")), before);
      assert.equal(ran(cwd, ["receive", "-i", "b"], readFileSync(join(cwd, "u"))), "");
    }
  }
});

/** Runs a sync from a to b whose ends are on other machines, as far as they can tell. */
function remote(cwd: string, way: "pull" | "push" | "relay", argv: readonly string[]): StageEnded {
  writeFileSync(join(cwd, "shell"), '#!/bin/sh\nshift\neval "exec $*"\n', { mode: 0o755 });
  const places = [
    `${way === "push" ? "" : "one:"}${cwd}/a/`,
    `${way === "pull" ? "" : "two:"}${cwd}/b/`,
  ];
  const connection = ["-e", join(cwd, "shell"), `--remote-path=${program}`];
  return runStage(cwd, ["sync", ...argv, ...connection, ...places]);
}

for (const way of sampled(["pull", "push", "relay"] as const, 3, 2)) {
  test(`between two machines (${way}) the same is restored, and the run can be recorded besides`, () => {
    for (let seed = 0; seed < seeds; seed++) {
      using folder = temporaryFolder();
      const cwd = folder.path;
      makeTrees(cwd, seed);
      // More than is under way at a time.
      writeFileSync(join(cwd, "b/large"), Buffer.alloc(9_000_000, "large"));
      const before = readTree(join(cwd, "b"));
      const synced = remote(cwd, way, ["-HAX", "--force", "--delete", "--undo=u", "--tee=t"]);
      assert.equal(synced.exit, 0, synced.stderr);
      const after = readTree(join(cwd, "b"));
      assertSameTree(after, readTree(join(cwd, "a")));
      ran(cwd, ["receive", "b"], readFileSync(join(cwd, "u")));
      assertSameTree(readTree(join(cwd, "b")), before);
      ran(cwd, ["receive", "b"], readFileSync(join(cwd, "t")));
      assertSameTree(readTree(join(cwd, "b")), after);
    }
  });

  test(`between two machines (${way}) nothing begins that could not be undone`, () => {
    using folder = temporaryFolder();
    const cwd = folder.path;
    for (const name of ["a", "b"]) mkdirSync(join(cwd, name));
    writeFileSync(join(cwd, "a/file"), "new");
    const { exit, stderr } = remote(cwd, way, ["--undo=missing/u"]);
    assert.equal(exit, 11, stderr);
    assert.match(stderr, /cannot write "missing\/u": No such file or directory/);
    assert.deepEqual(readdirSync(join(cwd, "b")), []);
    assert.equal(remote(cwd, way, ["-n", "--undo=u"]).exit, 0);
    assert.equal(existsSync(join(cwd, "u")), false);
  });
}

test("a target that was not there is empty again, and a trial run writes no file", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  mkdirSync(join(cwd, "a/sub"), { recursive: true });
  writeFileSync(join(cwd, "a/sub/file"), "new");
  ran(cwd, ["sync", "-n", "--undo=u", "a/", "new/"]);
  assert.deepEqual(readdirSync(cwd), ["a"]);
  ran(cwd, ["sync", "--undo=u", "a/", "new/"]);
  assert.equal(readFileSync(join(cwd, "new/sub/file"), "utf8"), "new");
  ran(cwd, ["receive", "new"], readFileSync(join(cwd, "u")));
  assert.deepEqual(readdirSync(join(cwd, "new")), []);
});

test("a file that others are linked to is one with them again", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["a", "b"]) mkdirSync(join(cwd, name));
  writeFileSync(join(cwd, "a/one"), "new content");
  writeFileSync(join(cwd, "b/one"), "old");
  linkSync(join(cwd, "b/one"), join(cwd, "b/two"));
  const before = readTree(join(cwd, "b"));
  ran(cwd, ["sync", "--delete", "--undo=u", "a/", "b/"]);
  ran(cwd, ["receive", "b"], readFileSync(join(cwd, "u")));
  assertSameTree(readTree(join(cwd, "b")), before);
});

test("what was changed after the sync is a conflict", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["a", "b"]) mkdirSync(join(cwd, name));
  for (const name of ["one", "two"]) {
    writeFileSync(join(cwd, `a/${name}`), "new content");
    writeFileSync(join(cwd, `b/${name}`), "old");
  }
  ran(cwd, ["sync", "--undo=u", "a/", "b/"]);
  writeFileSync(join(cwd, "b/two"), "worked on since");
  const { exit } = runStage(cwd, ["receive", "b"], readFileSync(join(cwd, "u")));
  assert.equal(exit, 23);
  assert.equal(readFileSync(join(cwd, "b/one"), "utf8"), "old");
  assert.equal(readFileSync(join(cwd, "b/two"), "utf8"), "worked on since");
});

test("nothing begins that could not be undone", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  for (const name of ["a", "b"]) mkdirSync(join(cwd, name));
  writeFileSync(join(cwd, "a/file"), "new");
  const refused = (argv: readonly string[], exit: number, says: RegExp): void => {
    const ended = runStage(cwd, ["sync", ...argv, "a/", "b/"]);
    assert.equal(ended.exit, exit);
    assert.match(ended.stderr, says);
    assert.deepEqual(readdirSync(join(cwd, "b")), []);
  };
  refused(["--undo=missing/u"], 11, /cannot write "missing\/u": No such file or directory/);
  refused(["--undo=u", "--remove-source-files"], 1, /--undo cannot be used with/);
  refused(["--undo=u", "--delete", "--max-delete=3"], 1, /--undo cannot be used with --max-delete/);
  ran(cwd, ["sync", "--undo=u", "a/", "b/"]);
  const orders = shown(cwd, readFileSync(join(cwd, "u"))).filter(({ type }) => type === "order");
  assert.ok(orders.length >= 1);
});
