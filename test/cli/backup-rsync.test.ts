// Backups, compared with rsync itself on random trees and options.
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

const stops =
  "rsync may stop, by chance, where the backup directory has a file in the way of a directory";
/** Seeds that differ, and why. */
const known: Readonly<Record<number, string>> = {
  89: stops,
  118: stops,
  254: "rsync takes a file named ~ below the top for a backup",
  284: "the time of a directory in the backup directory",
};

/** Where a copy is kept (--inplace), ours has owner and time of what it is a copy of, whatever the file itself gets. */
function keptAttribute(path: string, attribute: string): boolean {
  const isKept = /(~|\.old|\.1)$|^dst\/kept\//.test(path);
  return isKept && ["uid", "gid", "mtimeNs"].includes(attribute);
}

describe("backups are rsync's", { skip }, () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    it(`seed ${seed}`, { skip: knownDifference(known, seed) }, () => {
      using folder = temporaryFolder();
      const choice = new Choice(seed);
      const scene = folder.at("scene");
      buildScene(scene, seed, { drift: 10 + choice.below(30), roomForSuffix: true });
      const base = choice.percent(75) ? ["-ai"] : choice.of([["-rli"], ["-rtiDl"], ["-aii"]]);
      const way = choice.of(ways);
      const other = choice.of(others);
      // rsync 3.5.0 fails to look at what it kept above the target before it writes in place.
      const isBroken = other[0] === "--inplace" && way[0] === "--backup-dir=../kept";
      // It deletes the backups that it has just made in the target, with a backup of each.
      const isEaten = other[0] === "--delete-after" && way[0] === "--backup-dir=kept/deep";
      const argv = [...base, "--info=backup", ...(isBroken || isEaten ? ["-b"] : way), ...other];
      argv.push("src/", "dst/");
      const rules = other[0] === "--inplace" ? { ignore: keptAttribute } : {};
      assertSideBySide(scene, argv, `MANIFOLD_SEED=${seed}`, rules);
      // A second run finds what the first one kept.
      if (choice.percent(30))
        assertSideBySide(scene, ["-I", ...argv], `MANIFOLD_SEED=${seed} -I`, rules);
    });
  }
});
