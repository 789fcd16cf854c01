// Hard links (-H), compared with rsync itself on random trees and options: which names are one file
// afterwards, what is transferred and what is only linked.
// MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n starts elsewhere.

import { describe, it } from "node:test";
import { Choice, temporaryFolder } from "../support/index.ts";
import { knownDifference } from "./known-difference.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { buildScene } from "./scenes.ts";
import { assertSideBySide } from "./side-by-side.ts";

const count = process.env.MANIFOLD_LONG === "1" ? 300 : 5;
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const skip = !haveOracle() && "rsync 3.5 is not installed";

const others = [
  [],
  [],
  ["--del"],
  ["--delete-before"],
  ["-c"],
  ["-I"],
  ["--size-only"],
  ["--no-t"],
  ["--existing"],
  ["-u"],
  ["--no-inc-recursive"],
  ["--delay-updates"],
  ["-b", "--backup-dir=../kept"],
  ["--exclude=*a*"],
  ["--max-size=3000"],
  ["-n"],
];

/** Seeds that differ, and why. */
const known: Readonly<Record<number, string>> = {
  59: "in a dry run rsync looks below a file that would have made way",
};

describe("hard links are rsync's", { skip }, () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    it(`seed ${seed}`, { skip: knownDifference(known, seed) }, () => {
      using folder = temporaryFolder();
      const choice = new Choice(seed);
      const scene = folder.at("scene");
      const noTarget = choice.percent(25);
      const variety = { hardLinks: true };
      buildScene(scene, seed, {
        variety,
        noTarget,
        drift: 4 + choice.below(20),
        roomForSuffix: true,
      });
      const argv = [choice.percent(70) ? "-aHi" : "-aHii", ...choice.of(others)];
      if (choice.percent(30)) argv.push(...choice.of(others));
      // rsync waits for ever for a name whose leader could not make its way.
      argv.push("--force", "src/", "dst/");
      assertSideBySide(scene, argv, `MANIFOLD_SEED=${seed}`);
    });
  }
});
