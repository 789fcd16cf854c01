// Scenes for comparisons with rsync: a source and a target that has drifted away from it, and, as
// asked, basis directories that are former states of the source.

import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, statSync, unlinkSync } from "node:fs";
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
  touchRecent(path);
}

/**
 * Removes links in src/ to directories that hold links to directories: where links are followed there is no end to
 * them but the kernel's 40 links in one path, and how many a path has depends on where it is opened from.
 */
export function removeLoops(path: string): void {
  const found = execFileSync("find", [path, "-type", "l", "-print0"])
    .toString("latin1")
    .split("\0");
  const links = new Set(found.filter((link) => link !== "" && leadsToDirectory(link)).sort());
  for (const link of links) {
    // Another link on its way may have gone.
    if (!leadsToDirectory(link)) continue;
    const led = realpathSync.native(Buffer.from(link, "latin1"), "latin1");
    const inside = `${led}/`.replace("//", "/");
    const isLoop = [...links].some((other) => other.startsWith(inside));
    if (!isLoop || !link.startsWith(`${path}/src/`)) continue;
    unlinkSync(Buffer.from(link, "latin1"));
    links.delete(link);
  }
  touchRecent(path);
}

function leadsToDirectory(link: string): boolean {
  try {
    return statSync(Buffer.from(link, "latin1")).isDirectory();
  } catch {
    // It leads nowhere.
    return false;
  }
}

/** Whether "now" is another second than the run's must not matter. */
function touchRecent(path: string): void {
  const env = { ...process.env, LC_ALL: "C" };
  const touched = ["-type", "d", "-mmin", "-2", "-exec", "touch", "-d", "2021-02-03", "{}", "+"];
  execFileSync("find", [path, ...touched], { env });
}
