// How content gets into files, compared with rsync itself on random trees and options: delta, in
// place, append, partial directories, delayed updates, sparse files, sources that are moved. The
// literal and matched bytes of --stats are part of the comparison. Not among the options is --append
// with --sparse, with which rsync 3.5.0 replaces the beginning of a file by zeros.
// MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n starts elsewhere.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Choice, temporaryFolder } from "../support/index.ts";
import { knownDifference } from "./known-difference.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { buildScene, removeLongNames } from "./scenes.ts";
import { assertSideBySide } from "./side-by-side.ts";

const count = process.env.MANIFOLD_LONG === "1" ? 400 : 7;
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const skip = !haveOracle() && "rsync 3.5 is not installed";

const ways: readonly (readonly string[])[] = [
  ["--no-whole-file"],
  ["--no-whole-file", "--block-size=64"],
  ["--no-whole-file", "-B1000"],
  ["--inplace"],
  ["--inplace", "--no-whole-file"],
  ["--inplace", "--no-whole-file", "--sparse"],
  ["--inplace", "--sparse"],
  ["--append"],
  ["--append-verify"],
  ["--partial"],
  ["--partial-dir=.part"],
  ["--partial-dir=.part", "--no-whole-file"],
  ["--delay-updates"],
  ["--delay-updates", "--no-whole-file"],
  ["--delay-updates", "--partial-dir=later"],
  ["--sparse"],
  ["--preallocate"],
  ["--preallocate", "--sparse"],
  ["--temp-dir=.tmp", "--exclude=/.tmp"],
  ["--temp-dir=.tmp", "--exclude=/.tmp", "--no-whole-file"],
  ["--remove-source-files"],
  ["--remove-source-files", "--delay-updates"],
  ["--remove-source-files", "-u"],
  ["--fsync"],
];
const others: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ["-I"],
  ["-c"],
  ["-u"],
  ["-b"],
  ["-H"],
  ["--del"],
  ["--size-only"],
  ["--no-p", "--no-o", "--no-g"],
  ["--no-t"],
  ["--exclude=*a*"],
];

/** Seeds that differ, and why. */
const known: Readonly<Record<number, string>> = {
  163: "rsync leaves a block device in the place of a character device of the same number",
  167: "with --temp-dir a new symlink does not get its group from a set-group-id directory",
  197: "in place with -b rsync finds blocks in the backup that are overwritten in the file",
};

describe("content gets into files as rsync puts it there", { skip }, () => {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    it(`seed ${seed}`, { skip: knownDifference(known, seed) }, () => {
      using folder = temporaryFolder();
      const choice = new Choice(seed);
      const scene = folder.at("scene");
      buildScene(scene, seed, { drift: 10 + choice.below(30), variety: { bytesMax: 30_000 } });
      mkdirSync(join(scene, "dst", ".tmp"));
      const way = choice.of(ways);
      if (choice.percent(70)) cutContents(join(scene, "dst"), choice);
      if (way.includes("--partial-dir=.part")) seedPartials(scene, choice);
      const base = choice.percent(75) ? ["-ai"] : choice.of([["-rlti"], ["-rliD"], ["-aii"]]);
      const argv = [...base, "--stats", ...way, ...choice.of(others), "src/", "dst/"];
      const lines = (line: string): boolean =>
        /^[<>.ch*][fdLDSe]|^\*del|Literal|Matched/.test(line);
      if (argv.includes("-b")) removeLongNames(scene);
      assertSideBySide(scene, argv, `MANIFOLD_SEED=${seed}`, { lines });
    });
  }
});

/** Cuts files short, as an interrupted run leaves them; some are damaged, too. */
function cutContents(directory: string, choice: Choice): void {
  const time = new Date(1_000_000_000_000);
  for (const path of filesOf(Buffer.from(directory))) {
    const content = readFileSync(path);
    if (content.length < 2 || !choice.percent(50)) continue;
    const cut = Buffer.from(content.subarray(0, choice.below(content.length)));
    if (cut.length > 0 && choice.percent(25)) cut[choice.below(cut.length)] = choice.below(256);
    writeFileSync(path, cut);
    utimesSync(path, time, time);
  }
}

/** Puts beginnings of source files where --partial-dir=.part looks for them. */
function seedPartials(scene: string, choice: Choice): void {
  const top = Buffer.from(`${scene}/src`).length;
  for (const path of filesOf(Buffer.from(`${scene}/src`))) {
    if (!choice.percent(40)) continue;
    const slash = path.lastIndexOf(47);
    const directory = Buffer.concat([Buffer.from(`${scene}/dst`), path.subarray(top, slash)]);
    if (!existsSync(Buffer.concat([directory, Buffer.from("/.")]))) continue;
    const content = readFileSync(path);
    const partials = Buffer.concat([directory, Buffer.from("/.part")]);
    mkdirSync(partials, { recursive: true });
    const target = Buffer.concat([partials, path.subarray(slash)]);
    writeFileSync(target, content.subarray(0, choice.below(content.length + 1)));
  }
}

/** Paths of regular files, in a stable order. */
function filesOf(directory: Buffer): Buffer[] {
  const files: Buffer[] = [];
  for (const name of readdirSync(directory, { encoding: "buffer" }).sort(Buffer.compare)) {
    const path = Buffer.concat([directory, Buffer.from("/"), name]);
    const stat = lstatSync(path);
    if (stat.isDirectory()) files.push(...filesOf(path));
    else if (stat.isFile()) files.push(path);
  }
  return files;
}
