// The trees that the benchmark copies: two versions of a Linux kernel source tree from Debian, and
// synthetic trees that a seed determines. All in the work folder, which should be in tmpfs.

import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

/** Unpacks the oldest and the newest linux-source-6.1 on offer; `cache` keeps the packages. */
export function kernelTrees(
  work: string,
  cache: string,
): { oldTree: string; newTree: string; versions: string[] } {
  mkdirSync(cache, { recursive: true });
  const offered = offeredKernels("6.1");
  const newest = offered[0] as string;
  const oldest = offered[offered.length - 1] as string;
  return {
    newTree: unpackKernel(work, cache, "6.1", newest),
    oldTree: unpackKernel(work, cache, "6.1", oldest),
    versions: [oldest, newest],
  };
}

/** Unpacks the newest kernel source of each of two series: thousands of files have moved between them. */
export function kernelSeries(
  work: string,
  cache: string,
  series: readonly [old: string, next: string],
): { oldTree: string; newTree: string; versions: string[] } {
  mkdirSync(cache, { recursive: true });
  const versions = series.map((one) => offeredKernels(one)[0] as string);
  const [oldTree, newTree] = series.map((one, n) =>
    unpackKernel(work, cache, one, versions[n] as string),
  );
  return { oldTree: oldTree as string, newTree: newTree as string, versions };
}

/** Versions on offer, newest first. */
function offeredKernels(series: string): readonly string[] {
  const offered = run("apt-cache", ["madison", `linux-source-${series}`])
    .split("\n")
    .map((line) => line.split("|")[1]?.trim() ?? "")
    .filter((version) => version !== "");
  if (offered.length > 0) return offered;
  throw new Error(`apt offers no linux-source-${series}; run apt-get update`);
}

function unpackKernel(work: string, cache: string, series: string, version: string): string {
  const tree = join(work, `kernel-${version}`);
  if (existsSync(tree)) return tree;
  const source = `linux-source-${series}`;
  const file = `${source}_${version}_all.deb`;
  if (!existsSync(join(cache, file))) {
    run("apt-get", ["download", `${source}=${version}`], cache);
  }
  const unpacking = `${tree}.unpacking`;
  rmSync(unpacking, { recursive: true, force: true });
  mkdirSync(unpacking, { recursive: true });
  run("dpkg-deb", ["-x", join(cache, file), unpacking]);
  run("tar", ["xf", join(unpacking, `usr/src/${source}.tar.xz`), "-C", unpacking]);
  renameSync(join(unpacking, source), tree);
  rmSync(unpacking, { recursive: true, force: true });
  return tree;
}

function run(command: string, argv: readonly string[], cwd?: string): string {
  const ended = spawnSync(command, argv, { cwd, encoding: "utf8" });
  if (ended.status !== 0) throw new Error(`${command} ${argv.join(" ")} failed: ${ended.stderr}`);
  return ended.stdout;
}

/** Makes `directories` directories with `files` files of `bytes` bytes each. */
export function manyFiles(path: string, directories: number, files: number, bytes: number): string {
  if (existsSync(path)) return path;
  const content = Buffer.alloc(bytes);
  const random = generator(bytes + 1);
  for (let d = 0; d < directories; d++) {
    const directory = join(path, `d${String(d).padStart(4, "0")}`);
    mkdirSync(directory, { recursive: true });
    for (let f = 0; f < files; f++) {
      for (let i = 0; i + 4 <= bytes; i += 256) content.writeUInt32LE(random(), i);
      writeFileSync(join(directory, `file-${String(f).padStart(5, "0")}`), content);
    }
  }
  return path;
}

const pieceBytes = 1 << 20;

/** Makes one file of `bytes` pseudo-random bytes in a directory of its own. */
export function largeFile(path: string, bytes: number): string {
  if (existsSync(join(path, "large"))) return path;
  mkdirSync(path, { recursive: true });
  const out = openSync(join(path, "large"), "w");
  const random = generator(7);
  const piece = Buffer.alloc(pieceBytes);
  for (let done = 0; done < bytes; done += pieceBytes) {
    for (let i = 0; i < pieceBytes; i += 4) piece.writeUInt32LE(random(), i);
    writeSync(out, piece, 0, Math.min(pieceBytes, bytes - done));
  }
  closeSync(out);
  return path;
}

/** Makes an edited copy: 1 KiB inserted at the front, and one in a hundred 4 KiB blocks changed in place. */
export function editedFile(path: string, from: string): string {
  if (existsSync(join(path, "large"))) return path;
  mkdirSync(path, { recursive: true });
  const input = openSync(join(from, "large"), "r");
  const out = openSync(join(path, "large"), "w");
  const random = generator(11);
  const piece = Buffer.alloc(pieceBytes);
  writeSync(out, Buffer.alloc(1024, "inserted "));
  for (;;) {
    const got = readSync(input, piece);
    if (got === 0) break;
    for (let block = 0; block < got; block += 4096) {
      if (random() % 100 === 0) piece.writeUInt32LE(random(), block);
    }
    writeSync(out, piece, 0, got);
  }
  closeSync(input);
  closeSync(out);
  return path;
}

/** Returns a small pseudo-random generator (xorshift32). */
function generator(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Number of entries below a path, for the report. */
export function entryCount(path: string): number {
  return readdirSync(path, { recursive: true }).length;
}
