// A partial Debian mirror of what apt has left on this machine: packages of its cache, under the real indices that name them; and an
// earlier state of it.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

const lists = "/var/lib/apt/lists";
const cache = "/var/cache/apt/archives";
const reader = "/usr/lib/apt/apt-helper";
const smallCount = 24;
const packagesMin = 10;
const largeBytesMax = 6_000_000;

/** A package of the cache, as the index names it. */
interface Packaged {
  /** In the archive. */
  readonly path: string;
  readonly file: string;
  readonly size: number;
  readonly paragraph: string;
}

/** What is there. */
interface Corpus {
  readonly suite: string;
  /** Below the suite: main/binary-amd64/Packages. */
  readonly index: string;
  readonly inRelease: string;
  readonly text: string;
  readonly packages: readonly Packaged[];
}

const found = findCorpus();

/** Why there is none; false = there is one. */
export const noCorpus: string | false = typeof found === "string" ? found : false;

function findCorpus(): Corpus | string {
  if (!existsSync(reader) || !existsSync(lists) || !existsSync(cache)) return "no apt here";
  const names = readdirSync(lists);
  const candidates: Corpus[] = [];
  for (const name of names) {
    const [, top, suite] = /^((?:.+)_dists_([^_]+))_(?:InRelease)$/.exec(name) ?? [];
    const index = names.find(
      (other) => other.startsWith(`${top}_main_binary-`) && /_Packages(\.lz4)?$/.test(other),
    );
    // Large ones take seconds to read, and have no more to them.
    const isSmall = index !== undefined && statSync(join(lists, index)).size < 4_000_000;
    if (top === undefined || suite === undefined || index === undefined || !isSmall) continue;
    const text = execFileSync(reader, ["cat-file", join(lists, index)], { maxBuffer: 2 ** 27 });
    candidates.push({
      suite,
      index: index
        .slice(top.length + 1)
        .replace(/\.lz4$/, "")
        .replaceAll("_", "/"),
      inRelease: readFileSync(join(lists, name), "latin1"),
      text: text.toString("latin1"),
      packages: packagesOf(text.toString("latin1")),
    });
  }
  const [most] = candidates.sort((a, b) => b.packages.length - a.packages.length);
  if (most === undefined || most.packages.length < packagesMin) {
    return "apt's cache has too few packages of any small index";
  }
  return most;
}

/** The packages of an index that are in the cache, the smallest first. */
function packagesOf(text: string): Packaged[] {
  // The cache has the epoch in its names, the archive does not.
  const cached = new Map(readdirSync(cache).map((name) => [name.replace(/_\d+%3a/, "_"), name]));
  const packages: Packaged[] = [];
  for (const paragraph of text.split("\n\n")) {
    const [, path = ""] = /^Filename: (.+)$/m.exec(paragraph) ?? [];
    const [, size = ""] = /^Size: (\d+)$/m.exec(paragraph) ?? [];
    const file = cached.get(path.slice(path.lastIndexOf("/") + 1));
    if (file === undefined || statSync(join(cache, file)).size !== Number(size)) continue;
    packages.push({ path, file: join(cache, file), size: Number(size), paragraph });
  }
  return packages.sort((a, b) => a.size - b.size);
}

/** Both states, as folders, and what is in the newer one. */
export interface CorpusTrees {
  readonly suite: string;
  readonly now: string;
  readonly before: string;
  /** Files below `now`. */
  readonly paths: readonly string[];
}

/** Writes them: the earlier one lacks some packages, has another build of one, and indices that say so. */
export function writeCorpus(folder: string): CorpusTrees {
  if (typeof found === "string") throw new Error(found);
  const { suite, index, inRelease, text, packages } = found;
  const large = packages.findLast(({ size }) => size < largeBytesMax);
  const chosen = new Set([...packages.slice(0, smallCount), ...(large ? [large] : [])]);
  const [now, before] = [join(folder, "now"), join(folder, "before")];
  const date = Date.parse(/^Date: (.+)$/m.exec(inRelease)?.[1] ?? "") / 1000;
  const paths = [`dists/${suite}/InRelease`, `dists/${suite}/${index}`];
  writeAt(join(now, paths[0] ?? ""), inRelease, date);
  writeAt(join(now, paths[1] ?? ""), text, date);
  let older = text;
  for (const [n, { path, file, paragraph }] of [...chosen].entries()) {
    const { mtimeMs } = statSync(file);
    const seconds = Math.floor(mtimeMs / 1000);
    paths.push(path);
    mkdirSync(dirname(join(now, path)), { recursive: true });
    copyFileSync(file, join(now, path));
    utimesSync(join(now, path), seconds, seconds);
    if (n % 3 === 0) older = older.replace(`${paragraph}\n\n`, "");
    else {
      const bytes = readFileSync(file);
      const isRebuilt = n === 1;
      writeAt(join(before, path), isRebuilt ? bytes.subarray(1) : bytes, isRebuilt ? 1e9 : seconds);
    }
  }
  const release = inRelease
    .replace(/^Date: .+$/m, `Date: ${new Date((date - 86_400) * 1000).toUTCString()}`)
    .replaceAll(sha256(text), sha256(older))
    .replaceAll(` ${text.length} ${index}\n`, ` ${older.length} ${index}\n`);
  writeAt(join(before, paths[0] ?? ""), release, date - 86_400);
  writeAt(join(before, paths[1] ?? ""), older, date - 86_400);
  return { suite, now, before, paths };
}

function writeAt(path: string, content: string | Uint8Array, seconds: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? Buffer.from(content, "latin1") : content);
  utimesSync(path, seconds, seconds);
}

function sha256(text: string): string {
  return createHash("sha256").update(Buffer.from(text, "latin1")).digest("hex");
}
