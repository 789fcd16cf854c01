// Which state the tree of a source is in: by what keepers of mirrors leave there for that purpose, and else by the newest of what
// lies near the top. Two looks at one source tell that it has changed; looks at two sources tell which one is behind.

import { type ByteString, baseName, parentPath } from "../base/index.ts";
import { parseDebianRelease, parseHttpDate } from "../catalog/index.ts";
import { digestOf } from "../hash/index.ts";
import { entriesOf, nearEntries } from "./near-files.ts";
import type { ListedEntry, Source } from "./source.ts";
import { SourceError } from "./source-error.ts";

/** Such a state. */
export interface TreeState {
  /** What tells it: a path, or "newest file". States that different things tell cannot be compared. */
  readonly from: ByteString;
  /** Seconds since 1970; undefined = it is only known that it is another one. */
  readonly time: number | undefined;
  /** Equal = nothing that is looked at has changed. Of use between looks at one source. */
  readonly mark: string;
}

/** Files that tell it, and how they are read. Undefined = the content makes no sense. */
const signs: readonly {
  readonly path: ByteString;
  readonly time: (content: ByteString) => number | undefined;
}[] = [
  // Debian: the date at which the archive was made, in the first line.
  { path: "project/trace/master", time: (content) => dateOf(content.split("\n")[0] ?? "") },
  // Arch: seconds since 1970.
  { path: "lastupdate", time: secondsOf },
  // Archives of rpm packages.
  {
    path: "repodata/repomd.xml",
    time: (content) => secondsOf(/<revision>\s*(\d+)\s*<\/revision>/.exec(content)?.[1] ?? ""),
  },
];
const signBytesMax = 1024 * 1024;
const suitesMax = 8;

/** Looks at it. Undefined = nothing tells anything. Rejects only when the signal is aborted. */
export async function treeStateOf(
  source: Source,
  signal: AbortSignal,
): Promise<TreeState | undefined> {
  return (await treeSignOf(source, signal)) ?? (await newestOf(source, signal));
}

/** Looks at what keepers of mirrors leave there, and at nothing else: two or three questions where there is none of it. */
export async function treeSignOf(
  source: Source,
  signal: AbortSignal,
): Promise<TreeState | undefined> {
  const top = await entriesOf(source, "", signal);
  const isThere = (path: ByteString): boolean =>
    top.length === 0 || top.some(({ name }) => name === path.replace(/\/.*$/s, ""));
  for (const { path, time } of signs) {
    const content = isThere(path) ? await readSign(source, path, signal) : undefined;
    const seconds = content === undefined ? undefined : time(content);
    if (content !== undefined && seconds !== undefined) {
      return { from: path, time: seconds, mark: markOf(content) };
    }
  }
  return isThere("dists") ? suitesOf(source, signal) : undefined;
}

/** The newest of a Debian archive's suites. */
async function suitesOf(source: Source, signal: AbortSignal): Promise<TreeState | undefined> {
  const listed = await entriesOf(source, "dists", signal);
  const suites = listed.filter(({ kind }) => kind === "directory").slice(0, suitesMax);
  let newest: Omit<TreeState, "mark"> | undefined;
  let all = "";
  for (const { name } of suites) {
    for (const file of ["InRelease", "Release"]) {
      const path = `dists/${name}/${file}`;
      const content = await readSign(source, path, signal);
      if (content === undefined) continue;
      all += `${path}\n${content}`;
      const time = releaseDate(content);
      if (time !== undefined && time > (newest?.time ?? 0)) newest = { from: path, time };
      break;
    }
  }
  return newest && { ...newest, mark: markOf(all) };
}

function releaseDate(content: ByteString): number | undefined {
  try {
    return parseDebianRelease(Buffer.from(content, "latin1")).date;
  } catch {
    // Whatever it is, it is no such file.
    return undefined;
  }
}

async function newestOf(source: Source, signal: AbortSignal): Promise<TreeState | undefined> {
  const near = await nearEntries(source, signal);
  if (near.length === 0) return undefined;
  let time: number | undefined;
  const lines = near.map(({ path, entry: { kind, size, mtime } }) => {
    if (kind === "file" && mtime !== undefined) time = Math.max(time ?? mtime, mtime);
    return `${path}\0${kind}\0${size}\0${kind === "file" ? mtime : ""}\n`;
  });
  return { from: "newest file", time, mark: markOf(lines.join("")) };
}

async function readSign(
  source: Source,
  path: ByteString,
  signal: AbortSignal,
): Promise<ByteString | undefined> {
  try {
    const entry = await findEntry(source, path, signal);
    const { kind, size = 0 } = entry;
    if (kind !== "file" || size === 0 || size > signBytesMax) return undefined;
    let content = "";
    const part = { offset: 0, length: size };
    for await (const bytes of source.read({ path, entry }, part, signal)) {
      content += Buffer.from(bytes).toString("latin1");
    }
    return content;
  } catch (error) {
    if (error instanceof SourceError) return undefined;
    throw error;
  }
}

/** Who lists nothing may still answer questions about one file. */
async function findEntry(
  source: Source,
  path: ByteString,
  signal: AbortSignal,
): Promise<ListedEntry> {
  const name = baseName(path);
  const listed = await entriesOf(source, parentPath(path), signal);
  const entry = listed.find((one) => one.name === name) ?? { name, kind: "file" as const };
  if (listed.length > 0 && !listed.some((one) => one.name === name)) {
    // Where the directory is listed, what is not in it is not there.
    throw new SourceError("absent", "There is no such file");
  }
  return source.look({ path, entry }, signal);
}

function secondsOf(content: ByteString): number | undefined {
  const digits = /^\s*(\d{1,11})(?:\s|$)/.exec(content)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** As date(1) writes it: "Fri Nov 27 08:00:00 UTC 2026". */
function dateOf(line: ByteString): number | undefined {
  return parseHttpDate(line.replace(/ (?:UTC|GMT)\b/, ""));
}

function markOf(content: ByteString): string {
  const digest = digestOf("blake3", Buffer.from(content, "latin1"));
  return Buffer.from(digest.subarray(0, 16)).toString("hex");
}
