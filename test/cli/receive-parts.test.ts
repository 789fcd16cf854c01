// Pins that several lanes apply what one would: a changeset in a file that is large enough for threads gives the
// same tree and tells the same things in the same order, however many lanes there are.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  assertSameTree,
  mutateTree,
  readTree,
  temporaryFolder,
  varietyTree,
  writeTree,
} from "../support/index.ts";
import { shown, stage } from "./stages.ts";

const seeds = process.env.MANIFOLD_LONG === "1" ? 12 : 2;
const manifold = fileURLToPath(new URL("../../manifold", import.meta.url));
/** More than the size from which on threads help. */
const paddingBytes = 5 * 1024 * 1024;

interface Ended {
  readonly status: number | null;
  readonly out: string;
}

/** Runs receive with the file `f` as standard input. */
function receive(cwd: string, ...argv: readonly string[]): Ended {
  const command = 'exec "$0" receive "$@" < f';
  const ran = spawnSync("sh", ["-c", command, manifold, ...argv], { cwd, encoding: "latin1" });
  return { status: ran.status, out: ran.stdout + ran.stderr };
}

/** Makes a, b, which has drifted away from it, a copy c of b, and f, which makes b into a. */
function makeScene(cwd: string, seed: number, hardLinks: boolean): void {
  const variety = { entries: 250, depth: 5, hardLinks };
  mkdirSync(join(cwd, "a"));
  writeTree(join(cwd, "a"), varietyTree(seed, variety));
  spawnSync("cp", ["-a", "a", "b"], { cwd });
  mutateTree(seed, join(cwd, "b"), { ...variety, changes: 60 });
  mkdirSync(join(cwd, "a/large/deeper"), { recursive: true });
  writeFileSync(join(cwd, "a/large/deeper/file"), new Uint8Array(paddingBytes).fill(seed));
  writeFileSync(join(cwd, "a/large/small"), "small");
  spawnSync("cp", ["-a", "b", "c"], { cwd });
  writeFileSync(join(cwd, "f"), stage(cwd, ["send", "a"], stage(cwd, ["diff", "a", "b"])));
}

test("several lanes make the same tree as one, and tell the same in the same order", () => {
  for (let seed = 0; seed < seeds; seed++) {
    using folder = temporaryFolder();
    const cwd = folder.path;
    makeScene(cwd, seed, seed % 2 === 1);
    const one = receive(cwd, "-ii", "--stats", "--threads=1", "b");
    const four = receive(cwd, "-ii", "--stats", "--threads=4", "c");
    assert.equal(one.status, 0, one.out);
    assert.equal(withoutTimes(four.out), withoutTimes(one.out), `seed ${seed}`);
    for (const name of ["b", "c"]) {
      assertSameTree(readTree(join(cwd, name)), readTree(join(cwd, "a")));
    }
    assert.deepEqual(receive(cwd, "-i", "--threads=4", "c"), { status: 0, out: "" });
  }
});

/** Directories among which logs are rotated: each log goes on to the next directory, the last one to the first. */
const rings = 24;

test("late orders of many directories, each of which needs what another one replaces, are shared out", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  const write = (tree: string, at: number, n: number, from: number): void => {
    mkdirSync(join(cwd, tree, `d${at}`), { recursive: true });
    const path = join(cwd, tree, `d${at}`, `log.${n}`);
    writeFileSync(path, `${from} and ${n}, `.repeat(2000 + from));
    utimesSync(path, 1000 + from, 1000 + n);
  };
  for (let at = 0; at < rings; at++) {
    for (let n = 0; n < 4; n++) {
      write("b", at, n, at);
      write("a", at, n, (at + 1) % rings);
    }
  }
  for (const [tree, fill] of [
    ["a", 1],
    ["b", 2],
  ] as const) {
    writeFileSync(join(cwd, tree, "padding"), new Uint8Array(paddingBytes).fill(fill));
  }
  spawnSync("cp", ["-a", "b", "c"], { cwd });
  const orders = stage(cwd, ["diff", "--delete", "a", "b"]);
  writeFileSync(join(cwd, "f"), stage(cwd, ["send", "a"], orders));
  const moves = shown(cwd, orders).filter((record) => record.order === "MOVE");
  assert.equal(moves.length, rings * 4);
  const one = receive(cwd, "-ii", "--threads=1", "b");
  const four = receive(cwd, "-ii", "--threads=4", "c");
  assert.equal(four.status, 0, four.out);
  assert.equal(withoutTimes(four.out), withoutTimes(one.out));
  for (const name of ["b", "c"])
    assertSameTree(readTree(join(cwd, name)), readTree(join(cwd, "a")));
  assert.deepEqual(
    readdirSync(join(cwd, "c")),
    readdirSync(join(cwd, "a")),
    "nothing is left behind",
  );
});

/** An output without what tells how fast it was. */
function withoutTimes(out: string): string {
  return out.replace(/ in [0-9.]+ s \(.*\)$/m, "");
}

test("conflicts in several directories are told in order, and nothing else is lost", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeScene(cwd, 3, false);
  for (const name of ["b", "c"]) {
    mkdirSync(join(cwd, name, "large/deeper"), { recursive: true });
    writeFileSync(join(cwd, name, "large/small"), "mine");
    writeFileSync(join(cwd, name, "large/deeper/file"), "mine, too");
  }
  const one = receive(cwd, "-i", "--threads=1", "b");
  const four = receive(cwd, "-i", "--threads=4", "c");
  assert.equal(one.status, 23);
  assert.deepEqual(four, { ...one, out: one.out.replaceAll('"b/', '"c/') });
  assert.equal(readFileSync(join(cwd, "c/large/small"), "latin1"), "mine");
  assertSameTree(readTree(join(cwd, "c")), readTree(join(cwd, "b")), { ignore: ["mtimeNs"] });
});

test("a byte that is wrong anywhere stops it before the first write", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeScene(cwd, 5, false);
  const before = readTree(join(cwd, "b"));
  const whole = readFileSync(join(cwd, "f"));
  const padding = whole.indexOf(Buffer.alloc(1024).fill(5));
  const refused = (bytes: Uint8Array, says: RegExp): void => {
    writeFileSync(join(cwd, "f"), bytes);
    const { status, out } = receive(cwd, "--threads=4", "b");
    assert.equal(status, 12, out);
    assert.match(out, says);
    assertSameTree(readTree(join(cwd, "b")), before);
  };
  const flipped = Buffer.from(whole);
  flipped[padding + 100] = 6;
  refused(flipped, /digest at byte \d+: what came before is not what was written/);
  refused(whole.subarray(0, whole.length - 1), /the input ends in the middle of a record/);
  refused(whole.subarray(0, padding), /the input ends in the middle of a record/);
  refused(Buffer.concat([whole, Buffer.of(0)]), /bytes follow it/);
});

test("a changeset that stands behind other bytes of standard input's file is found", () => {
  using folder = temporaryFolder();
  const cwd = folder.path;
  makeScene(cwd, 7, false);
  const changeset = readFileSync(join(cwd, "f"));
  writeFileSync(join(cwd, "f"), "first line\n");
  appendFileSync(join(cwd, "f"), changeset);
  const command = '{ read -r line; exec "$0" receive --threads=4 c; } < f';
  const ran = spawnSync("sh", ["-c", command, manifold], { cwd, encoding: "latin1" });
  assert.equal(ran.status, 0, ran.stderr);
  assertSameTree(readTree(join(cwd, "c")), readTree(join(cwd, "a")));
});
