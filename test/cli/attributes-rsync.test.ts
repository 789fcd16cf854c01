// Attributes, compared with rsync itself on random trees and options: what the target becomes, the
// exit status, and what -i says. MANIFOLD_LONG=1 runs the full count, MANIFOLD_SEED=n starts elsewhere.

import { describe, it } from "node:test";
import { Choice, haveSystemCalls, temporaryFolder } from "../support/index.ts";
import { spice } from "./attributes-scene.ts";
import { haveOracle } from "./output/rsync-oracle.ts";
import { buildScene } from "./scenes.ts";
import { assertSideBySide } from "./side-by-side.ts";

const isLong = process.env.MANIFOLD_LONG === "1";
const firstSeed = Number(process.env.MANIFOLD_SEED ?? 1);
const isRoot = process.geteuid?.() === 0;
const skip =
  (!haveOracle() && "rsync 3.5 is not installed") ||
  (!haveSystemCalls() && "no system calls") ||
  (!isRoot && "needs root: rsync keeps owners and devices only there");

const bases = [
  "-ai",
  "-ai",
  "-ai",
  "-aii",
  "-rlti",
  "-rlptgoDi",
  "-rltDi",
  "-ri",
  "-rloDi",
  "-rlpgi",
];
const changes: readonly (readonly string[])[] = [
  ["-A"],
  ["-A"],
  ["-X"],
  ["-AX"],
  ["-AX"],
  ["-XX"],
  ["-O"],
  ["-J"],
  ["-E"],
  ["-c"],
  ["--no-p"],
  ["--no-p", "-E"],
  ["--no-o"],
  ["--no-g"],
  ["--no-D"],
  ["--no-devices"],
  ["--no-specials"],
  ["--drop-D"],
  ["--no-super"],
  ["--super"],
  ["--numeric-ids"],
  ["--modify-window=1"],
  ["--modify-window=-1"],
  ["--size-only"],
  ["-I"],
  ["--inplace"],
  ["--chmod=g-w,o-rwx"],
  ["--chmod=D2775,F664"],
  ["--chmod=u+rwX,go="],
  ["--chmod=a+s,+t"],
  ["--chmod=o=g,Fu+x"],
  ["--usermap=0:1,1000-70000:2"],
  ["--usermap=root:70000,*:65534"],
  ["--groupmap=*:1"],
  ["--groupmap=0-2:1000,:5"],
  ["--chown=1:2"],
  ["--chown=:65534"],
  ["-X", "--filter=-x system.*", "--filter=-x user.a"],
  ["-X", "--filter=-x system.*", "--filter=-x security.*"],
  ["-AX", "--filter=-x_trusted.*", "--filter=-x system.*"],
  ["-n"],
];

const told = (line: string) => !/^(sent|total|sending|building)/.test(line);

describe("attributes become what rsync makes of them", { skip }, () => {
  const count = isLong ? 400 : 12;
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    it(`seed ${seed}`, () => {
      using folder = temporaryFolder();
      const choice = new Choice(seed);
      const scene = folder.at("scene");
      const noTarget = choice.percent(25);
      buildScene(scene, seed, { variety: { entries: 35, xattrs: true }, noTarget });
      const all = { acls: true, xattrs: true, privileged: true };
      spice(`${scene}/src`, choice, 15, all);
      if (!noTarget) spice(`${scene}/dst`, choice, 15, all);
      const options = [choice.of(bases), ...choice.of(changes)];
      if (choice.percent(60)) options.push(...choice.of(changes));
      // Without -p, rsync's receiver gives entries whose attributes differ the source's permissions
      // all the same, set-id bits included; we do not.
      if (options.some((option) => /^-A?XX?$/.test(option))) options.push("-p");
      const argv = [...options, "src/", "dst/"];
      const umask = choice.of([0o022, 0o022, 0o077, 0o002, 0]);
      const before = process.umask(umask);
      try {
        assertSideBySide(scene, argv, `MANIFOLD_SEED=${seed} umask ${umask.toString(8)}`, {
          lines: told,
        });
      } finally {
        process.umask(before);
      }
    });
  }
});
