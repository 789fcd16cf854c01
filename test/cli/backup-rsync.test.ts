// Backups, compared with rsync itself on random trees and options.
// MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n starts elsewhere.

import { describe, it } from "node:test";
import { Choice, temporaryFolder } from "../support/index.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { buildScene } from "./scenes.ts";
import { assertSideBySide } from "./side-by-side.ts";

const count = process.env.MANIFOLD_LONG === "1" ? 300 : 10;
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const skip = !haveOracle() && "rsync 3.5 is not installed";

const ways = [
  ["-b"],
  ["-b", "--suffix=.old"],
  ["--backup-dir=../kept"],
  ["--backup-dir=kept/deep"],
  ["--backup-dir=../kept", "--suffix=.1"],
];
const others = [
  [],
  [],
  ["--del"],
  ["--delete-delay"],
  ["--delete-after"],
  ["--delete-excluded", "--exclude=*a*"],
  ["--inplace"],
  ["--inplace", "--no-whole-file"],
  ["--no-whole-file"],
  ["--safe-links"],
  ["--delay-updates"],
  ["--force"],
  ["--del", "--filter=R *~"],
];

describe("backups are rsync's", { skip }, () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    it(`seed ${seed}`, () => {
      using folder = temporaryFolder();
      const choice = new Choice(seed);
      const scene = folder.at("scene");
      buildScene(scene, seed, { drift: 10 + choice.below(30), roomForSuffix: true });
      const base = choice.percent(75) ? ["-ai"] : choice.of([["-rli"], ["-rtiDl"], ["-aii"]]);
      const way = choice.of(ways);
      const other = choice.of(others);
      // rsync 3.5.0 fails to look at what it kept above the target before it writes in place.
      const isBroken = other[0] === "--inplace" && way[0] === "--backup-dir=../kept";
      const argv = [...base, "--info=backup", ...(isBroken ? ["-b"] : way), ...other];
      argv.push("src/", "dst/");
      assertSideBySide(scene, argv, `MANIFOLD_SEED=${seed}`);
      // A second run finds what the first one kept.
      if (choice.percent(30)) assertSideBySide(scene, ["-I", ...argv], `MANIFOLD_SEED=${seed} -I`);
    });
  }
});
