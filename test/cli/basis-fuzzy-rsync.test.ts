// --fuzzy, compared with rsync itself: what is weighed, how far apart names are, what is chosen.
// MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n starts elsewhere.

import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Choice, temporaryFolder } from "../support/index.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { assertSideBySide } from "./side-by-side.ts";

const count = process.env.MANIFOLD_LONG === "1" ? 120 : 4;
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const skip = !haveOracle() && "rsync 3.5 is not installed";

const stems = ["linux", "archive", "log", "notes", ".profile", "data-set", "a", "re.port"];
const versions = ["", "1", "-2", "-6.1.17", "-6.1.19", ".1", ".10", "_old", "2024", "~1"];
const suffixes = ["", ".tar", ".tar.gz", ".txt", ".bak", ".old", ".orig", "~", ".~1~", ".c", ".7"];

function randomName(choice: Choice): string {
  return choice.of(stems) + choice.of(versions) + choice.of(suffixes) + choice.of(suffixes);
}

function addFile(choice: Choice, folder: string, name: string): void {
  const size = choice.of([0, 700, 2000, 2000, 5000, 5000]);
  writeFileSync(`${folder}/${name}`, "content of a file ".repeat(400).slice(0, size));
  const time = choice.of([1e9, 1.1e9, 1.2e9, 1.3e9]) + choice.below(2);
  utimesSync(`${folder}/${name}`, time, time);
}

function buildFuzzyScene(path: string, choice: Choice): void {
  for (const top of ["src", "dst", "basis"]) {
    for (const below of ["", "/sub"]) {
      mkdirSync(`${path}/${top}${below}`, { recursive: true });
      const files = top === "src" ? 3 : 1 + choice.below(7);
      for (let i = 0; i < files; i++) addFile(choice, `${path}/${top}${below}`, randomName(choice));
    }
  }
}

describe("--fuzzy finds what rsync finds", { skip }, () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    it(`seed ${seed}`, () => {
      using folder = temporaryFolder();
      const choice = new Choice(seed);
      const scene = folder.at("scene");
      buildFuzzyScene(scene, choice);
      const whole = choice.percent(70) ? ["--no-whole-file"] : ["--whole-file"];
      const fuzzy = choice.percent(50) ? ["-y"] : ["-yy", "--compare-dest=../basis"];
      const other = choice.of([[], [], ["--delete-delay"], ["-n"], ["-c"]]);
      const argv = ["-ai", ...whole, ...fuzzy, ...other, "--debug=FUZZY2", "src/", "dst/"];
      assertSideBySide(scene, argv, `MANIFOLD_SEED=${seed}`);
    });
  }
});
