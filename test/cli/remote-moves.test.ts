// --remove-source-files with an end on another machine: what a run between two folders leaves at both
// ends and tells, pushed and pulled; what the target has not got stays.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
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
import { type Ended, isRoot, runOurs } from "./run-ours.ts";

const program = join(import.meta.dirname, "..", "..", "manifold");

type Way = "local" | "push" | "pull";

/** Files that are new, changed, the same, excluded, linked, in the way, and deep. */
function scene(path: string): void {
  mkdirSync(`${path}/src/deep/er`, { recursive: true });
  mkdirSync(`${path}/src/empty`);
  mkdirSync(`${path}/dst/blocked/full`, { recursive: true });
  for (const name of ["new", "changed", "same", "left.o", "blocked", "deep/new", "deep/er/new"]) {
    writeFileSync(`${path}/src/${name}`, `content of ${name}`);
  }
  for (let i = 0; i < 300; i++) writeFileSync(`${path}/src/deep/er/${i}`, `${i}`);
  execFileSync("ln", ["-s", "new", `${path}/src/link`]);
  execFileSync("ln", [`${path}/src/new`, `${path}/src/deep/hard`]);
  execFileSync("cp", ["-p", `${path}/src/same`, `${path}/dst/same`]);
  writeFileSync(`${path}/dst/changed`, "other");
  writeFileSync(`${path}/dst/blocked/full/file`, "");
}

function run(
  folder: TemporaryFolder,
  way: Way,
  at: string,
  argv: readonly string[],
  asNobody = false,
): Ended {
  const shell = folder.at("shell");
  writeFileSync(shell, '#!/bin/sh\nshift\neval "exec $*"\n');
  chmodSync(shell, 0o755);
  const [from, to] = [`${folder.at(at)}/src/`, `${folder.at(at)}/dst/`];
  const places = [way === "pull" ? `h:${from}` : from, way === "push" ? `h:${to}` : to];
  const connection = way === "local" ? [] : ["-e", shell, `--remote-path=${program}`];
  const words = ["--remove-source-files", "--exclude=*.o", ...argv, ...connection, ...places];
  return runOurs("manifold", words, { cwd: folder.path, asNobody });
}

/** The lines, sorted: what is removed elsewhere is heard of later. */
function told({ stdout }: Ended): string[] {
  return stdout
    .replaceAll(/^<f/gm, ">f")
    .replaceAll(/^sent .*\n|^total .*\n/gm, "")
    .split("\n")
    .sort();
}

/** What the target shares with the source, and options. */
const sameFiles: readonly (readonly [string, readonly string[], (at: string) => void])[] = [
  ["the same directory", [], (at) => symlinkSync("src", `${at}/dst`)],
  ["the same, transferred", ["-I"], (at) => symlinkSync("src", `${at}/dst`)],
  ["the same, in place", ["-I", "--inplace"], (at) => symlinkSync("src", `${at}/dst`)],
  ["the same, late", ["-IH", "--delay-updates"], (at) => symlinkSync("src", `${at}/dst`)],
  [
    "hard links",
    [],
    (at) => {
      execFileSync("cp", ["-al", `${at}/src`, `${at}/dst`]);
    },
  ],
];

/** Without MANIFOLD_LONG=1 each set of options goes one way. */
const isLong = process.env.MANIFOLD_LONG === "1";
const ways = ["push", "pull"] as const;

describe("--remove-source-files between two machines", () => {
  for (const [i, argv] of [
    ["-iH", "--info=remove"],
    ["-i", "--delay-updates", "--info=remove"],
    ["-i", "--durable=batch", "--delete-before"],
    ["-i", "--dry-run"],
  ].entries()) {
    const taken = isLong ? ways : ways.slice(i % 2, (i % 2) + 1);
    it(`does at both ends what it does on one: ${argv.join(" ")}`, () => {
      using folder = temporaryFolder();
      scene(folder.at("local"));
      for (const way of taken) {
        execFileSync("cp", ["-a", folder.at("local"), folder.at(way)]);
      }
      const local = run(folder, "local", "local", argv);
      for (const way of taken) {
        const far = run(folder, way, way, argv);
        assert.deepEqual(told(far), told(local), way);
        assert.equal(far.exit, local.exit, far.stderr);
        // When something went from a directory depends on the clock.
        const ignore = ["mtimeNs"] as const;
        assertSameTree(readTree(folder.at("local/src")), folder.at(`${way}/src`), { ignore });
        assertSameTree(readTree(folder.at("local/dst")), folder.at(`${way}/dst`));
      }
      // A directory in the way keeps its file at home.
      assert.equal(local.exit, argv.includes("--delete-before") ? 0 : 23);
    });
  }

  for (const [what, argv, prepare] of sameFiles) {
    it(`leaves what is the target's own file, by whatever way: ${what}`, () => {
      for (const way of sampled(ways)) {
        using folder = temporaryFolder();
        mkdirSync(folder.at("x/src/d"), { recursive: true });
        for (const name of ["one", "d/two"]) writeFileSync(folder.at(`x/src/${name}`), "content");
        prepare(folder.at("x"));
        const before = readTree(folder.at("x/src"));
        const { exit, stderr } = run(folder, way, "x", argv);
        const ignore = ["mtimeNs"] as const;
        assertSameTree(before, folder.at("x/src"), { ignore });
        assert.match(stderr, /Skipping sender remove of destination file: (d\/)?two/);
        assert.equal(exit, 23);
        assert.equal(readFileSync(folder.at("x/dst/d/two"), "latin1"), "content");
      }
    });
  }

  it("leaves a file that cannot be removed, and tells it", () => {
    for (const way of sampled(ways)) {
      using folder = temporaryFolder();
      scene(folder.at("x"));
      chmodSync(folder.at("x/src/deep"), 0o555);
      if (isRoot) execFileSync("chown", ["-R", "65534:65534", folder.path]);
      const { exit, stderr } = run(folder, way, "x", [], true);
      assert.equal(exit, 23);
      assert.match(stderr, /deep\/new/);
      assert.ok(existsSync(folder.at("x/src/deep/new")) && existsSync(folder.at("x/dst/deep/new")));
    }
  });
});
