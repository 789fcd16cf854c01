// Basis directories, compared with rsync itself on random trees and options.
// MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n starts elsewhere.

import { describe, it } from "node:test";
import { Choice, temporaryFolder } from "../support/index.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { buildScene } from "./scenes.ts";
import { assertSideBySide } from "./side-by-side.ts";

const count = process.env.MANIFOLD_LONG === "1" ? 300 : 5;
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const skip = !haveOracle() && "rsync 3.5 is not installed";

const bases = ["-ai", "-ai", "-aii", "-rlti", "-rlii", "-rlptiD", "-aci", "-aivv", "-avv"];
const others = [
  [],
  [],
  [],
  ["--no-whole-file"],
  ["--del"],
  ["-b"],
  ["--inplace"],
  ["--size-only"],
  ["-I"],
  ["-O"],
  ["--existing"],
  ["-n"],
];

describe("basis directories are used as rsync uses them", { skip }, () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    it(`seed ${seed}`, () => {
      using folder = temporaryFolder();
      const choice = new Choice(seed);
      const scene = folder.at("scene");
      const count = 1 + choice.below(3);
      const noTarget = choice.percent(60);
      buildScene(scene, seed, { drift: 25, bases: count, noTarget, roomForSuffix: true });
      const kind = choice.of(["compare", "copy", "link"]);
      const dirs = Array.from({ length: count }, (_, i) => `--${kind}-dest=../basis${i}`);
      const argv = [choice.of(bases), ...dirs, ...choice.of(others), "src/", "dst/"];
      assertSideBySide(scene, argv, `MANIFOLD_SEED=${seed}`);
    });
  }
});
