// Runs from several sources that are killed at any instant: every path holds what it had or what it is to get, the next run completes
// the tree, and nothing else is left. Processes that cooperate: cooperate.test.ts.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noise } from "../source/conformance/fixture.ts";
import {
  assertSameTree,
  Choice,
  file,
  type TemporaryFolder,
  temporaryFolder,
  treeOf,
  writeTree,
} from "../support/index.ts";
import { assertOldOrNew } from "./old-or-new.ts";
import { runOurs } from "./run-ours.ts";

const isLong = (process.env.MANIFOLD_LONG ?? "") !== "";
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const killsWanted = isLong ? 200 : 4;
const program = join(import.meta.dirname, "..", "..", "manifold");
const mtime = 1_600_000_000;

/** Makes "one" and its copy "two", and "old": what the target has, of which some is as it is to be. */
function makeStates(folder: TemporaryFolder): void {
  const small = (count: number, seed: number, at: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => {
        const isSame = n % 4 === 0;
        const content = noise(1 + n * 1500, isSame ? n : n + seed);
        return [`f${n}`, file(content, { mtime: isSame ? mtime : at })];
      }),
    );
  mkdirSync(folder.at("one"));
  writeTree(
    folder.at("one"),
    treeOf({
      "large.bin": file(noise(5_000_000, 99), { mtime }),
      "a/": { ...small(40, 1000, mtime), "b/": { deep: file("deep", { mtime }) } },
      "fresh/": small(20, 3000, mtime),
    }),
  );
  cpSync(folder.at("one"), folder.at("two"), { recursive: true, preserveTimestamps: true });
  mkdirSync(folder.at("old"));
  writeTree(
    folder.at("old"),
    treeOf({
      "large.bin": file(noise(4_500_000, 98), { mtime: mtime - 1000 }),
      "a/": { ...small(44, 2000, mtime - 1000), "gone/": { surplus: file("surplus") } },
    }),
  );
}

test(`${killsWanted} runs from two sources are killed at random: old or new, and the next one completes`, async () => {
  let kills = 0;
  for (let seed = firstSeed; kills < killsWanted; seed++) {
    kills += await killAtRandom(seed, killsWanted - kills);
  }
});

/** Kills one run after the other at one target, and lets the last one end; returns how many were killed. */
async function killAtRandom(seed: number, killsMax: number): Promise<number> {
  const choice = new Choice(seed);
  await using folder = temporaryFolder();
  makeStates(folder);
  cpSync(folder.at("old"), folder.at("to"), { recursive: true, preserveTimestamps: true });
  const options = [
    ...(choice.percent(50) ? ["--delete"] : []),
    ...(choice.percent(30) ? ["--stages=/large.bin"] : []),
    ...(choice.percent(30) ? ["--durable=batch"] : []),
  ];
  const rates = [4, 2].map((rate) => rate * (1 + choice.below(3)));
  const mirrors = ["one/", "two"].map((name, n) => `--mirror=${name} limit=${rates[n]}M`);
  const argv = ["sync", ...options, ...mirrors, "one/", "to/"];
  const states = [folder.at("old"), folder.at("one")];
  const wanted = Math.min(killsMax, 1 + choice.below(5));
  let kills = 0;
  for (; kills < wanted; kills++) {
    // Any instant is as good as another: nothing is waited for.
    const isThrough = await runFor(argv, folder, 100 + choice.below(1200));
    assertOldOrNew(folder.at("to"), states);
    if (isThrough) break;
  }
  const ended = runOurs("manifold", argv, { cwd: folder.path });
  assert.equal(ended.exit, 0, `MANIFOLD_SEED=${seed}: ${ended.stderr}`);
  assert.ok(!existsSync(folder.at("to/.manifold")), `MANIFOLD_SEED=${seed}: something is left`);
  if (!options.includes("--delete")) {
    assertOldOrNew(folder.at("to"), states);
    rmSync(folder.at("to/a/gone"), { recursive: true });
    for (let n = 40; n < 44; n++) rmSync(folder.at(`to/a/f${n}`));
  }
  assertSameTree(folder.at("one"), folder.at("to"), {
    // What was there beside it has just been removed.
    ignore: (path, attribute) => attribute === "mtimeNs" && path === "a",
  });
  return Math.max(1, kills);
}

/** Says whether it ended by itself. */
function runFor(argv: readonly string[], folder: TemporaryFolder, ms: number): Promise<boolean> {
  const child = spawn(program, argv, {
    cwd: folder.path,
    env: { ...process.env, HOME: "/nonexistent" },
    stdio: "ignore",
  });
  const killing = setTimeout(() => child.kill("SIGKILL"), ms);
  return new Promise((resolve) => {
    child.on("exit", (status) => {
      clearTimeout(killing);
      resolve(status !== null);
    });
  });
}
