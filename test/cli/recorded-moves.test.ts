// A recording of a run (--tee) has what moved as orders without content: replayed elsewhere it makes the same tree, and
// what undoes it restores the old one.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { assertSameTree, readTree, sampled, temporaryFolder } from "../support/index.ts";
import { type RenameScene, renameScenes, Side } from "./rename-scenes.ts";
import { runOurs } from "./run-ours.ts";
import { runStage, shown, stage } from "./stages.ts";

/** Plays a scene, records it, and replays the recording on another copy of the old tree. */
function check(scene: RenameScene, argv: readonly string[]): void {
  using folder = temporaryFolder();
  const cwd = folder.path;
  const copy = (from: string, to: string): void => {
    assert.equal(spawnSync("cp", ["-a", from, to], { cwd }).status, 0);
  };
  mkdirSync(folder.at("src"));
  const side = new Side(folder.at("src"));
  scene.before(side);
  copy("src", "dst");
  copy("src", "other");
  scene.change(side);
  const old = readTree(folder.at("other"));
  const words = ["sync", ...argv, "--tee=recorded", "src/", "dst/"];
  const ran = runOurs("manifold", words, { cwd });
  assert.equal(ran.exit, 0, ran.stderr);
  const recorded = readFileSync(folder.at("recorded"));
  const records = shown(cwd, recorded);
  const moves = records.filter(({ order }) => order === "MOVE").length;
  const { literal } = (records.at(-1) as { totals: { literal: number } }).totals;
  assert.equal(moves, scene.found, argv.join(" "));
  assert.equal(literal, scene.literal, argv.join(" "));
  const replayed = runStage(cwd, ["receive", "--undo=undo", "other"], recorded);
  assert.equal(replayed.exit, 0, replayed.stderr);
  assertSameTree(readTree(folder.at("dst")), folder.at("other"));
  // Twice is once.
  stage(cwd, ["receive", "other"], recorded);
  assertSameTree(readTree(folder.at("dst")), folder.at("other"));
  stage(cwd, ["receive", "other"], readFileSync(folder.at("undo")));
  assertSameTree(old, folder.at("other"));
}

describe("a recording of a run", () => {
  for (const scene of sampled(renameScenes, 15)) {
    it(scene.name, () => {
      check(scene, ["--delete"]);
      if (scene.needsDelete !== true) check(scene, []);
    });
  }
});
