// Files that the target has under other names are not copied again: what each kind of change costs, that a dry run
// tells what the run does, and that options that change how files are written change nothing about that.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { assertSameTree, type TemporaryFolder, temporaryFolder } from "../support/index.ts";
import { type RenameScene, renameScenes, Side } from "./rename-scenes.ts";
import { type Ended, runOurs } from "./run-ours.ts";

interface Summary {
  readonly entries: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, number>>;
}

function lastOf(lines: readonly string[]): Summary {
  return JSON.parse(lines.at(-1) ?? "") as Summary;
}

/** Makes both sides alike, and changes the source. */
function play(folder: TemporaryFolder, scene: RenameScene): void {
  mkdirSync(folder.at("src"));
  const side = new Side(folder.at("src"));
  scene.before(side);
  const first = run(folder, ["--no-detect-renamed"]);
  assert.equal(first.exit, 0, first.stderr);
  scene.change(side);
}

function run(folder: TemporaryFolder, argv: readonly string[]): Ended {
  return runOurs("manifold", ["sync", ...argv, "src/", "dst/"], { cwd: folder.path });
}

/** Runs the scene, first dry, and holds it against what it should cost. */
function check(folder: TemporaryFolder, scene: RenameScene, argv: readonly string[]): void {
  play(folder, scene);
  const dry = run(folder, [...argv, "-i", "-n"]);
  const told = run(folder, [...argv, "-i", "--json=events"]);
  assert.equal(told.exit, 0, told.stderr);
  assert.equal(dry.stdout, told.stdout, "a dry run tells what the run does");
  const isDeleting = argv.includes("--delete");
  if (isDeleting) assertSameTree(folder.at("src"), folder.at("dst"));
  const { entries, bytes } = lastOf(readFileSync(folder.at("events"), "latin1").trim().split("\n"));
  const { moved = 0, copied = 0 } = entries;
  assert.equal(moved + copied, scene.found, told.stdout);
  assert.equal(moved, isDeleting ? scene.moved : 0, told.stdout);
  assert.equal(bytes.literal, scene.literal, told.stdout);
  const {
    unchanged,
    scanned: _,
    ...others
  } = lastOf(run(folder, [...argv, "--json"]).lines).entries;
  assert.equal(unchanged, scene.files);
  assert.deepEqual(new Set(Object.values(others)), new Set([0]));
  assert.ok(!readdirSync(folder.at("dst")).includes(".manifold"), "nothing is left behind");
}

describe("on one machine", () => {
  for (const scene of renameScenes) {
    it(scene.name, () => {
      for (const argv of scene.needsDelete === true ? [["--delete"]] : [["--delete"], []]) {
        using folder = temporaryFolder();
        check(folder, scene, argv);
      }
    });
  }
});
