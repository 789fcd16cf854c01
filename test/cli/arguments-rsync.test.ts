// What arguments mean, compared with rsync itself on random scenes and command lines.
// MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n starts elsewhere.

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Choice, temporaryFolder } from "../support/index.ts";
import { argumentLine, buildArgumentScene } from "./arguments-scene.ts";
import { knownDifference } from "./known-difference.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { assertSideBySide } from "./side-by-side.ts";

const count = Number(process.env.MANIFOLD_COUNT ?? (process.env.MANIFOLD_LONG === "1" ? 1500 : 10));
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const skip = !haveOracle() && "rsync 3.5 is not installed";

/** Seeds that differ, and why. */
const known: Readonly<Record<number, string>> = {
  478: "a listing with -m leaves out a directory that was named and is empty",
  668: "directories below a file that --ignore-existing keeps are passed over, not tried",
  932: "a parent reached through a symlink is told (-d --no-implied-dirs)",
  1245: "a lone directory that -m leaves out still needs a directory for a target",
};

describe("arguments mean what they mean to rsync", { skip }, () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    it(`seed ${seed}`, { skip: knownDifference(known, seed) }, () => {
      using folder = temporaryFolder();
      const choice = new Choice(seed);
      const scene = folder.at("scene");
      buildArgumentScene(scene, choice);
      assertSideBySide(scene, argumentLine(choice), `MANIFOLD_SEED=${seed}`);
    });
  }
});

describe("what a list or the command line names in directories that are not there", {
  skip,
}, () => {
  it("is told line by line, and nothing is deleted for it", () => {
    for (const option of ["--links", "--delete-missing-args", "--ignore-missing-args"]) {
      using folder = temporaryFolder();
      const scene = folder.at("scene");
      mkdirSync(`${scene}/src/a`, { recursive: true });
      mkdirSync(`${scene}/dst`);
      for (const name of ["src/a/1", "src/a/2", "src/a/3", "dst/4", "dst/x", "dst/y"])
        writeFileSync(`${scene}/${name}`, "");
      writeFileSync(`${scene}/list`, "a/1\na/2\na/3\nno/x\nno/y\nnono/x\na/4\n");
      const argv = ["-ai", option, "--no-R", "--files-from=list", "src", "dst"];
      assertSideBySide(scene, argv, option, { stderrToo: true });
    }
  });

  it("brings no target by its ./ when parents are not implied", () => {
    const lines = [
      ["--links", "./a/missing", "new"],
      ["--no-implied-dirs", "./a/missing", "new"],
      ["--no-implied-dirs", "./a/missing", "file"],
      ["--no-implied-dirs", "./a/missing", "x", "new/er"],
      ["--no-implied-dirs", "x/", "./a/missing", "new"],
    ];
    for (const line of lines) {
      using folder = temporaryFolder();
      const scene = folder.at("scene");
      mkdirSync(`${scene}/a`, { recursive: true });
      for (const name of ["file", "x"]) writeFileSync(`${scene}/${name}`, "");
      assertSideBySide(scene, ["-riR", ...line], line.join(" "));
    }
  });

  it("does not make their parents to be deleted when parents are not implied", () => {
    // rsync makes them for the first entry below only: what is missing comes behind what is there.
    const lines = [["a/zno"], ["a/zno", "a/yes"], ["a/zno", "b/./a/yes"], ["b/./a/zno", "a"]];
    for (const names of lines) {
      using folder = temporaryFolder();
      const scene = folder.at("scene");
      for (const directory of ["a", "b/a", "dst"])
        mkdirSync(`${scene}/${directory}`, { recursive: true });
      for (const name of ["a/yes", "b/a/yes"]) writeFileSync(`${scene}/${name}`, "");
      const argv = ["-rtiR", "--no-implied-dirs", "--delete-missing-args", ...names, "dst"];
      assertSideBySide(scene, argv, names.join(" "));
    }
  });
});

describe("where two arguments bring the same name", { skip }, () => {
  it("the directory is not looked for in the link that the other one has in its place", () => {
    using folder = temporaryFolder();
    const scene = folder.at("scene");
    for (const directory of ["a/s/d", "b", "dst"])
      mkdirSync(`${scene}/${directory}`, { recursive: true });
    writeFileSync(`${scene}/a/s/d/x`, "");
    writeFileSync(`${scene}/dst/gone`, "");
    symlinkSync("../a/s", `${scene}/b/s`);
    for (const options of [["--delete"], ["-m"]])
      assertSideBySide(scene, ["-ai", ...options, "a/", "b/", "dst"], options.join(" "));
  });
});
