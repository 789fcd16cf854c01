// Bytes on the wire where thousands of files have moved: the newest kernel of one series to that of another, by manifold's
// verbs (listing, changeset and data, each over a pipe) and by rsync. Run by `npm run bench:renames`; what is measured
// are bytes, which depend on the trees alone.
//
//   --work=DIR   where trees go, best in tmpfs: three times a kernel tree (default /dev/shm/manifold-renames)
//   --cache=DIR  where packages are kept (default ~/.cache/manifold-bench)
//   --no-rsync   only manifold

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  ChangesetReader,
  type ChangesetRecord,
  type OrderedDirectory,
  orderKind,
} from "../src/changeset/index.ts";
import { readNamedFile } from "../src/fs/index.ts";
import { kernelSeries } from "./corpus.ts";

const outputBytesMax = 64 * 1024 * 1024;
const optionOf = (name: string): string | undefined =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);

const work = optionOf("work") ?? "/dev/shm/manifold-renames";
const cache = optionOf("cache") ?? join(homedir(), ".cache", "manifold-bench");
const manifold = join(import.meta.dirname, "..", "manifold");

/** What one way of getting there took. */
interface Measured {
  readonly name: string;
  /** Bytes in both directions. */
  readonly wire: number;
  /** Bytes of content that were sent as they are. */
  readonly literal: number;
  /** New files that begin from another file, and those of them that send nothing. */
  readonly moves?: number;
  readonly free?: number;
}

function sh(command: string, allowed: readonly number[] = [0]): string {
  const ended = spawnSync("sh", ["-c", command], {
    cwd: work,
    encoding: "latin1",
    maxBuffer: outputBytesMax,
    env: { ...process.env, LC_ALL: "C" },
  });
  if (allowed.includes(ended.status ?? -1)) return ended.stdout;
  throw new Error(`${command} ended with ${ended.status}: ${ended.stderr}`);
}

const sizeOf = (file: string): number => statSync(join(work, file)).size;

/** One way by the verbs; the target is a copy of the old tree afterwards made like the new one. */
function byVerbs(oldTree: string, newTree: string, options: string): Measured {
  sh(`rm -rf target && cp -a "${oldTree}" target`);
  sh(`"${manifold}" scan --digests "${newTree}" > listing`);
  sh(`"${manifold}" diff --delete ${options} - target < listing > changeset`);
  sh(`"${manifold}" send "${newTree}" < changeset > data`);
  sh(`"${manifold}" receive target < data`);
  const left = sh(`"${manifold}" diff --delete "${newTree}" target | "${manifold}" show --json -`);
  if (!left.includes('"entries":0')) throw new Error("the target is not what was to be made");
  const trailer = lastLine(sh(`"${manifold}" show --json data | tail -n 1`)) as {
    totals: { literal: number; move: number };
  };
  const free = freeMoves(join(work, "data"));
  const wire = sizeOf("listing") + sizeOf("changeset") + sizeOf("data");
  const { literal, move } = trailer.totals;
  sh("rm -rf target listing changeset data");
  return { name: `manifold ${options}`.trim(), wire, literal, moves: move, free };
}

/** New files that begin from another one and are all of it. */
function freeMoves(file: string): number {
  const reader = new ChangesetReader();
  let orders: OrderedDirectory | undefined;
  let free = 0;
  const take = (record: ChangesetRecord): void => {
    if (record.type === "directory" || record.type === "late") orders = record.orders;
    if (record.type !== "data" || record.tokens[0]?.kind !== "all") return;
    if (orders?.kind[record.index] === orderKind.move) free++;
  };
  for (const piece of readNamedFile(Buffer.from(file).toString("latin1"))) {
    reader.push(piece);
    for (let record = reader.next(); record !== undefined; record = reader.next()) take(record);
  }
  return free;
}

function byRsync(oldTree: string, newTree: string, options: string): Measured {
  sh(`rm -rf target && cp -a "${oldTree}" target`);
  const said = sh(`rsync -aH --delete --no-whole-file ${options} --stats "${newTree}/" target/`);
  sh("rm -rf target");
  const number = (label: string): number =>
    Number(new RegExp(`${label}: ([0-9,]+)`).exec(said)?.[1]?.replaceAll(",", ""));
  return {
    name: `rsync ${options}`.trim(),
    wire: number("Total bytes sent") + number("Total bytes received"),
    literal: number("Literal data"),
  };
}

const lastLine = (text: string): unknown => JSON.parse(text.trim().split("\n").at(-1) ?? "");

/** Visits regular files. */
function* filesOf(tree: string, path = ""): Generator<string> {
  for (const entry of readdirSync(join(tree, path), { withFileTypes: true })) {
    const own = join(path, entry.name);
    if (entry.isDirectory()) yield* filesOf(tree, own);
    else if (entry.isFile()) yield own;
  }
}

const digestOf = (path: string): string =>
  createHash("sha1").update(readFileSync(path)).digest("base64");

/** What no tool that moves whole files can do without: content that the old tree has in no file. */
function leastOf(
  oldTree: string,
  newTree: string,
): { wanted: number; bytes: number; unknown: number } {
  const [paths, digests] = [new Set<string>(), new Set<string>()];
  for (const path of filesOf(oldTree)) {
    paths.add(path);
    digests.add(digestOf(join(oldTree, path)));
  }
  let [wanted, bytes, unknown] = [0, 0, 0];
  for (const path of filesOf(newTree)) {
    const { size } = statSync(join(newTree, path));
    const digest = digestOf(join(newTree, path));
    if (!digests.has(digest)) {
      unknown += size;
      digests.add(digest);
    } else if (!paths.has(path) && size > 0) {
      wanted++;
      bytes += size;
    }
  }
  return { wanted, bytes, unknown };
}

const number = (value: number | undefined): string => value?.toLocaleString("en-US") ?? "";

mkdirSync(work, { recursive: true });
const { oldTree, newTree, versions } = kernelSeries(work, cache, ["6.1", "6.12"]);
const measured = [
  ...["--no-detect-renamed", ""].map((options) => byVerbs(oldTree, newTree, options)),
  ...(process.argv.includes("--no-rsync")
    ? []
    : ["", "--fuzzy"].map((options) => byRsync(oldTree, newTree, options))),
];
const least = leastOf(oldTree, newTree);
const stamp = new Date().toISOString().slice(0, 16).replaceAll(/[T:]/g, "-");
const lines = [
  `# Renames: linux-source ${versions.join(" to ")}`,
  "",
  "Bytes in both directions, without compression; manifold by its verbs (scan --digests | diff --delete | send), rsync -aH",
  `--delete --no-whole-file. ${number(least.wanted)} files (${number(least.bytes)} bytes) have a new name and content that the old`,
  `tree has somewhere; ${number(least.unknown)} bytes are in files whose content the old tree has in no file.`,
  "",
  "| way | bytes on the wire | literal bytes | begin from another file | of these send nothing |",
  "|---|--:|--:|--:|--:|",
  ...measured.map(
    ({ name, wire, literal, moves, free }) =>
      `| ${name} | ${number(wire)} | ${number(literal)} | ${number(moves)} | ${number(free)} |`,
  ),
];
const text = `${lines.join("\n")}\n`;
writeFileSync(join(import.meta.dirname, "results", `renames-${stamp}.md`), text);
process.stdout.write(text);
if (optionOf("work") === undefined) rmSync(work, { recursive: true, force: true });
