// What is to be known of two trees before they are synced: which files moved, and what is new by any measure. And successive
// versions of a package, which are the history of a project that was restructured more than once.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Versions of core-js, as npm has them, in place of its repository: its modules, their
 * second copy in library/ and its bundles were moved and renamed with each major version.
 */
export const historyPackage = "core-js";
export const historyVersions = [
  "0.9.18",
  "1.0.0",
  "1.2.7",
  "2.0.0",
  "2.4.1",
  "2.6.12",
  "3.0.0",
  "3.8.3",
  "3.20.3",
  "3.30.2",
  "3.38.1",
] as const;

/** Unpacks a version of a package from npm. */
export function packageVersion(work: string, name: string, version: string): string {
  const tree = join(work, `${name}-${version}`);
  if (existsSync(tree)) return tree;
  const unpacking = `${tree}.unpacking`;
  rmSync(unpacking, { recursive: true, force: true });
  mkdirSync(unpacking, { recursive: true });
  run("npm", ["pack", "--silent", `${name}@${version}`], unpacking);
  run("tar", ["xf", `${name}-${version}.tgz`], unpacking);
  renameSync(join(unpacking, "package"), tree);
  rmSync(unpacking, { recursive: true, force: true });
  return tree;
}

function run(command: string, argv: readonly string[], cwd: string): void {
  const ended = spawnSync(command, argv, { cwd, encoding: "utf8" });
  if (ended.status !== 0) throw new Error(`${command} ${argv.join(" ")} failed: ${ended.stderr}`);
}

/** What one tree has that another has not. */
export interface Novelty {
  /** Files at no path of the old tree whose content is somewhere in it, and their bytes. */
  readonly moved: ReadonlySet<string>;
  readonly movedBytes: number;
  /** Bytes of files whose content the old tree has in no file, each content once: the least for whoever moves whole files. */
  readonly inNewFiles: number;
  /** Bytes of lines that the old tree has in no file, each once: about the least for anybody. */
  readonly inNewLines: number;
}

/** Compares two trees. */
export function noveltyOf(oldTree: string, newTree: string): Novelty {
  const [paths, contents, lines] = [new Set<string>(), new Set<string>(), new LineSet()];
  for (const path of filesOf(oldTree)) {
    const bytes = readFileSync(join(oldTree, path));
    paths.add(path);
    contents.add(digestOf(bytes));
    lines.addAll(bytes);
  }
  const moved = new Set<string>();
  const seen = new Set<string>();
  let [movedBytes, inNewFiles, inNewLines] = [0, 0, 0];
  for (const path of filesOf(newTree)) {
    const bytes = readFileSync(join(newTree, path));
    const digest = digestOf(bytes);
    if (contents.has(digest) && !paths.has(path) && bytes.length > 0) {
      moved.add(path);
      movedBytes += bytes.length;
    }
    if (contents.has(digest) || seen.has(digest)) continue;
    seen.add(digest);
    inNewFiles += bytes.length;
    inNewLines += lines.addAll(bytes);
  }
  return { moved, movedBytes, inNewFiles, inNewLines };
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("base64");
}

/** Lines by 32 bits of a hash: of twenty million, one in two hundred is taken for another. */
class LineSet {
  readonly #bits = new Uint8Array(2 ** 29);

  /** Adds the lines of a file, each with its end; returns the bytes of those that are new. */
  addAll(bytes: Uint8Array): number {
    let [fresh, start] = [0, 0];
    while (start < bytes.length) {
      const next = bytes.indexOf(newline, start);
      const end = next < 0 ? bytes.length : next + 1;
      if (this.#add(hashOf(bytes, start, end))) fresh += end - start;
      start = end;
    }
    return fresh;
  }

  #add(hash: number): boolean {
    const [at, bit] = [hash >>> 3, 1 << (hash & 7)];
    const byte = this.#bits[at] as number;
    this.#bits[at] = byte | bit;
    return (byte & bit) === 0;
  }
}

const newline = 10;

/** FNV-1a, and its bits mixed as MurmurHash3 does (both in the public domain). */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Visits regular files. */
function* filesOf(tree: string, path = ""): Generator<string> {
  for (const entry of readdirSync(join(tree, path), { withFileTypes: true })) {
    const own = join(path, entry.name);
    if (entry.isDirectory()) yield* filesOf(tree, own);
    else if (entry.isFile()) yield own;
  }
}
