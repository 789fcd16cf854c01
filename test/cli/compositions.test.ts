// Pins the laws of the verbs over all their compositions: each of the three arrows from scan to receive a pipe, a
// file, or a shell of another machine. All make the same tree and the same changeset; twice is once; what receive
// wrote to undo it restores the old tree; and a run between two ends comes to the same.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  assertSameTree,
  mutateTree,
  readTree,
  type TreeSnapshot,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { shown, stage } from "./stages.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const manifold = fileURLToPath(new URL("../../manifold", import.meta.url));

const arrows = ["pipe", "file", "remote"] as const;
type Arrow = (typeof arrows)[number];

/** The kinds of the three arrows, in all 27 ways. */
const compositions = arrows.flatMap((first) =>
  arrows.flatMap((second) => arrows.map((third) => [first, second, third] as const)),
);
/** With MANIFOLD_LONG=1 all ways for each of some seeds, else each seed takes its share: every kind at every place. */
const cases = isLong
  ? [1, 2, 3, 4, 5].flatMap((seed) => compositions.map((ways) => ({ seed, ways })))
  : [0, 13, 26].map((way, i) => ({ seed: i + 1, ways: compositions[way] ?? [] }));

/** What a remote shell is: it has the host's name before a command line. */
const shell = '#!/bin/sh\nshift\nexec sh -c "$*"\n';

interface Scene {
  readonly cwd: string;
  readonly wanted: TreeSnapshot;
  readonly old: TreeSnapshot;
}

/** Makes a, c, which is a changed version of it, and a remote shell. */
function makeScene(cwd: string, seed: number): Scene {
  mkdirSync(join(cwd, "a"));
  writeTree(join(cwd, "a"), varietyTree(seed));
  copy(cwd, "a", "c");
  mutateTree(seed, join(cwd, "c"), { changes: 25 });
  writeFileSync(join(cwd, "rsh"), shell, { mode: 0o755 });
  return { cwd, wanted: readTree(join(cwd, "a")), old: readTree(join(cwd, "c")) };
}

function copy(cwd: string, from: string, to: string): void {
  assert.equal(spawnSync("cp", ["-a", from, to], { cwd }).status, 0);
}

/** Returns a shell script that brings a to c; `sent` is what arrives at receive. */
function scriptOf(ways: readonly Arrow[]): string {
  const verbs = ["diff - c", "send a", "receive --undo=undo c"];
  const done: string[] = [];
  let line = '"$MANIFOLD" scan a';
  for (const [i, verb] of verbs.entries()) {
    const output = i === 2 ? `${line} | tee sent` : line;
    if (ways[i] === "file") {
      done.push(`${output} > between${i}`);
      line = `"$MANIFOLD" ${verb} < between${i}`;
    } else if (ways[i] === "pipe") line = `${output} | "$MANIFOLD" ${verb}`;
    else line = `${output} | ./rsh elsewhere '"$MANIFOLD"' ${verb}`;
  }
  return ["set -e -o pipefail", ...done, line].join("\n");
}

function run(cwd: string, script: string): void {
  const env = { ...process.env, MANIFOLD: manifold, LC_ALL: "C.UTF-8" };
  const { status, stderr } = spawnSync("bash", ["-c", script], { cwd, env, encoding: "latin1" });
  assert.equal(status, 0, `${script}\n${stderr}`);
}

for (const { seed, ways } of cases) {
  test(`${ways.join(", ")} (seed ${seed}): the same tree and changeset, once and for all`, () => {
    using folder = temporaryFolder();
    const { cwd, wanted, old } = makeScene(folder.path, seed);
    const difference = stage(cwd, ["diff", "-", "c"], stage(cwd, ["scan", "a"]));
    const whole = stage(cwd, ["send", "a"], difference);
    run(cwd, scriptOf(ways));
    assertSameTree(readTree(join(cwd, "c")), wanted);
    const sent = readFileSync(join(cwd, "sent"));
    assert.deepEqual(shown(cwd, sent), shown(cwd, whole));
    const again = stage(cwd, ["receive", "-i", "c"], sent);
    assert.equal(again.toString("latin1"), "");
    assertSameTree(readTree(join(cwd, "c")), wanted);
    stage(cwd, ["receive", "c"], readFileSync(join(cwd, "undo")));
    assertSameTree(readTree(join(cwd, "c")), old);
  });
}

test("pushed, pulled, recorded and replayed: the same tree as by the verbs", () => {
  for (const seed of isLong ? [11, 12, 13, 14] : [11]) {
    using folder = temporaryFolder();
    const { cwd, wanted } = makeScene(folder.path, seed);
    for (const name of ["pushed", "pulled", "replayed", "elsewhere"]) copy(cwd, "c", name);
    const options = '-HAX --delete --force -e ./rsh --remote-path="$MANIFOLD"';
    run(cwd, `"$MANIFOLD" sync ${options} a/ host:"$PWD"/pushed/`);
    run(cwd, `"$MANIFOLD" sync ${options} --tee=taken host:"$PWD"/a/ pulled/`);
    run(cwd, `"$MANIFOLD" sync ${options} --tee=given a/ host:"$PWD"/elsewhere/`);
    run(cwd, `"$MANIFOLD" receive replayed < taken`);
    for (const name of ["pushed", "pulled", "replayed", "elsewhere"]) {
      assertSameTree(readTree(join(cwd, name)), wanted);
    }
    assert.deepEqual(orders(cwd, "taken"), orders(cwd, "given"));
  }
});

/** The orders of a file, without what people read. */
function orders(cwd: string, name: string): readonly unknown[] {
  return shown(cwd, readFileSync(join(cwd, name))).filter(({ type }) => type === "order");
}
