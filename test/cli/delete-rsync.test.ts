// Deleting, compared with rsync itself on random trees and options.
// MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n starts elsewhere.

import { chmodSync } from "node:fs";
import { describe, it } from "node:test";
import { Choice, temporaryFolder } from "../support/index.ts";
import { knownDifference } from "./known-difference.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { buildScene } from "./scenes.ts";
import { assertSideBySide } from "./side-by-side.ts";

const count = process.env.MANIFOLD_LONG === "1" ? 400 : 6;
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const skip = !haveOracle() && "rsync 3.5 is not installed";

const times = [
  "--delete",
  "--del",
  "--delete-before",
  "--delete-during",
  "--delete-delay",
  "--delete-after",
  "--delete-excluded",
];
const filters = [
  [],
  [],
  ["--exclude=*a*"],
  ["--exclude=*/"],
  ["--filter=P *e*"],
  ["--filter=-p *o*"],
  ["--filter=P */", "--exclude=*.c"],
  ["--filter=R *s*", "--filter=P *"],
  ["--filter=H *r*"],
  ["--include=*i*", "--exclude=*[a-m]"],
];
const others = [
  [],
  [],
  [],
  ["--existing"],
  ["--force"],
  ["--max-delete=2"],
  ["--max-delete=0"],
  ["--max-delete=7"],
  ["-u"],
  ["--size-only"],
  ["-b"],
  ["-b", "--suffix=.bak"],
  ["--backup-dir=../kept"],
  ["-x"],
];

/** The options of one case. */
function options(choice: Choice): string[] {
  const base = choice.percent(80) ? ["-ai"] : choice.of([["-rli"], ["-rtiD"], ["-aii"], ["-aiv"]]);
  const filter = choice.of(filters);
  return [...base, choice.of(times), ...filter, ...choice.of(others)];
}

const eaten = "rsync deletes the backup that it has made when the command line's rules come first";
/** Seeds that differ, and why. */
const known: Readonly<Record<number, string>> = { 17: eaten, 220: eaten };
const knownOfUser: Readonly<Record<number, string>> = { 17: eaten };

describe("deletions by an unprivileged user are rsync's", { skip }, () => {
  for (let seed = firstSeed; seed < firstSeed + count / 2; seed++) {
    it(`seed ${seed}`, { skip: knownDifference(knownOfUser, seed) }, () => {
      using folder = temporaryFolder();
      chmodSync(folder.path, 0o777);
      const choice = new Choice(seed ^ 0x5eed);
      const scene = folder.at("scene");
      buildScene(scene, seed, {
        drift: 10 + choice.below(30),
        roomForSuffix: true,
        ofNobody: true,
      });
      const argv = [...options(choice), "src/", "dst/"];
      assertSideBySide(scene, argv, `MANIFOLD_SEED=${seed}`, { asNobody: true });
    });
  }
});

describe("deletions are rsync's", { skip }, () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    it(`seed ${seed}`, { skip: knownDifference(known, seed) }, () => {
      using folder = temporaryFolder();
      const choice = new Choice(seed);
      const scene = folder.at("scene");
      buildScene(scene, seed, { drift: 10 + choice.below(30), roomForSuffix: true });
      const argv = [...options(choice), "src/", "dst/"];
      assertSideBySide(scene, argv, `MANIFOLD_SEED=${seed}`);
    });
  }
});
