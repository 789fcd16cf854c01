// Files that the target has under other names are not copied again: what each kind of change costs, that a dry run
// tells what the run does, and that options that change how files are written change nothing about that.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  assertSameTree,
  sampled,
  type TemporaryFolder,
  temporaryFolder,
} from "../support/index.ts";
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

/** Where the two ends are. */
type Way = "local" | "push" | "pull";

const program = join(import.meta.dirname, "..", "..", "manifold");

function run(folder: TemporaryFolder, argv: readonly string[], way: Way = "local"): Ended {
  const shell = folder.at("shell");
  writeFileSync(shell, '#!/bin/sh\nshift\neval "exec $*"\n', { mode: 0o755 });
  const far = way === "local" ? [] : ["-e", shell, `--remote-path=${program}`];
  const from = way === "pull" ? `h:${folder.at("src")}/` : "src/";
  const to = way === "push" ? `h:${folder.at("dst")}/` : "dst/";
  return runOurs("manifold", ["sync", ...argv, ...far, from, to], { cwd: folder.path });
}

/** What a run between two machines costs on the wire at most, beside content: what it begins and ends with, and files. */
const wireBytes = 3000;
const wireBytesOfFile = 200;

/** Runs the scene, first dry, and holds it against what it should cost. */
function check(
  folder: TemporaryFolder,
  scene: RenameScene,
  argv: readonly string[],
  way: Way = "local",
): void {
  play(folder, scene);
  const dry = run(folder, [...argv, "-i", "-n"], way);
  const told = run(folder, [...argv, "-i", "--json=events"], way);
  assert.equal(told.exit, 0, told.stderr);
  assert.equal(dry.stdout, told.stdout, "a dry run tells what the run does");
  const isDeleting = argv.some((word) => word.startsWith("--delete"));
  if (isDeleting) assertSameTree(folder.at("src"), folder.at("dst"));
  const { entries, bytes } = lastOf(readFileSync(folder.at("events"), "latin1").trim().split("\n"));
  const { moved = 0, copied = 0 } = entries;
  const { literal = 0, sent = 0, received = 0 } = bytes;
  const about = `${argv.join(" ")} ${way}\n${told.stdout}`;
  assert.equal(moved + copied, scene.found, about);
  assert.equal(moved, isDeleting ? scene.moved : 0, about);
  assert.equal(literal, scene.literal, about);
  const wire = wireBytes + wireBytesOfFile * scene.files + literal;
  assert.ok(sent + received <= wire, `${sent} + ${received} > ${wire}: ${about}`);
  const second = lastOf(run(folder, [...argv, "--json"], way).lines);
  const { unchanged, scanned: _, ...others } = second.entries;
  assert.equal(unchanged, scene.files, about);
  assert.deepEqual(new Set(Object.values(others)), new Set([0]), about);
  assert.ok(!readdirSync(folder.at("dst")).includes(".manifold"), "nothing is left behind");
}

describe("on one machine", () => {
  for (const scene of sampled(renameScenes, 15)) {
    it(scene.name, () => {
      for (const argv of scene.needsDelete === true ? [["--delete"]] : [["--delete"], []]) {
        using folder = temporaryFolder();
        check(folder, scene, argv);
      }
    });
  }
});

describe("manifold-rsync", () => {
  it("has no place to keep what it deletes, and leaves nothing behind", () => {
    for (const mode of ["--delete-before", "--delete-during", "--delete-delay"]) {
      using folder = temporaryFolder();
      play(folder, renameScenes[1] as RenameScene);
      const argv = ["-a", "--detect-renamed", mode, "src/", "dst/"];
      const { exit, stderr } = runOurs("manifold-rsync", argv, { cwd: folder.path });
      assert.equal(exit, 0, stderr);
      // As with rsync, fractions of a second of the times of directories do not count.
      assertSameTree(folder.at("src"), folder.at("dst"), { ignore: ["mtimeNs"] });
    }
  });
});

describe("with other options", () => {
  const scenes = renameScenes.filter(({ name }) =>
    /rotation of ten|directory with files/.test(name),
  );
  const options: readonly (readonly string[])[] = [
    ["--delete-before"],
    ["--delete-during"],
    ["--delete-after"],
    ["--delete", "--delay-updates"],
    ["--delete", "--backup", "--backup-dir=../kept"],
    ["--delete", "-H"],
    ["--delete", "--durable=batch"],
    ["--delete", "--detect-renamed-lax"],
  ];
  for (const argv of sampled(options, 8)) {
    it(argv.join(" "), () => {
      for (const scene of scenes) {
        using folder = temporaryFolder();
        check(folder, scene, argv);
      }
    });
  }
});

describe("between two machines", () => {
  for (const [at, scene] of sampled(renameScenes, 8, 3).entries()) {
    it(`${scene.name}, pushed or pulled`, () => {
      for (const way of sampled(["push", "pull"] as const, 2, at % 2)) {
        using folder = temporaryFolder();
        check(folder, scene, ["--delete"], way);
      }
    });
  }

  it("where nothing is deleted, too", () => {
    for (const scene of sampled(
      renameScenes.filter((one) => one.needsDelete !== true),
      6,
    )) {
      using folder = temporaryFolder();
      check(folder, scene, [], "pull");
    }
  });
});
