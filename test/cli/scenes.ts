// Scenes for comparisons with rsync: a source and a target that has drifted away from it, and, as
// asked, basis directories that are former states of the source.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { mutateTree, type Variety, varietyTree, writeTree } from "../support/index.ts";

/** What a scene holds besides src/ and dst/. */
export interface Scene {
  readonly variety?: Variety;
  /** Changes between source and target. Default 14. */
  readonly drift?: number;
  /** Basis directories: basis0/, basis1/... */
  readonly bases?: number;
  /** No name is so long that a suffix would make it too long. */
  readonly roomForSuffix?: boolean;
  /** Everything belongs to nobody, who cannot make devices nor read what its modes deny. */
  readonly ofNobody?: boolean;
  /** The target does not exist. */
  readonly noTarget?: boolean;
}

/** No hard links: rsync sees what it did to one name when it comes to the next, a listing made before does not. */
const plain: Variety = { entries: 45, depth: 4, bytesMax: 9000, hardLinks: false };

/** Builds a scene in the folder `path`, which is made. The same seed makes the same scene. */
export function buildScene(path: string, seed: number, scene: Scene = {}): void {
  const privileged = scene.ofNobody ? { privileged: false } : {};
  const variety = { ...plain, ...privileged, ...scene.variety };
  const changes = scene.drift ?? 14;
  mkdirSync(`${path}/src`, { recursive: true });
  writeTree(`${path}/src`, varietyTree(seed, variety));
  for (let index = 0; index < (scene.bases ?? 0); index++) {
    execFileSync("cp", ["-a", `${path}/src`, `${path}/basis${index}`]);
    mutateTree(seed * 31 + index, `${path}/basis${index}`, { ...variety, changes: 3 + index * 4 });
  }
  if (!scene.noTarget) {
    execFileSync("cp", ["-a", `${path}/src`, `${path}/dst`]);
    mutateTree(seed * 17 + 5, `${path}/dst`, { ...variety, changes });
  }
  if (scene.roomForSuffix) removeLongNames(path);
  if (scene.ofNobody) execFileSync("chown", ["-Rh", "65534:65534", path]);
}

/** Removes what a suffix would give too long a name. */
export function removeLongNames(path: string): void {
  const longNames = ["-depth", "-regextype", "posix-extended", "-regex", ".*/[^/]{240,}"];
  const env = { ...process.env, LC_ALL: "C" };
  execFileSync("find", [path, ...longNames, "-exec", "rm", "-rf", "{}", "+"], { env });
  // Whether "now" is another second than the run's must not matter.
  const touched = ["-type", "d", "-mmin", "-2", "-exec", "touch", "-d", "2021-02-03", "{}", "+"];
  execFileSync("find", [path, ...touched], { env });
}
