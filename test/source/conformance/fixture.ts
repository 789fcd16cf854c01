// What a kind of source gives to the conformance suite, and the tree that every kind serves.

import { type ByteString, joinPath, seededRandom } from "../../../src/base/index.ts";
import type {
  ListedEntry,
  Source,
  SourceAbilities,
  SourceFile,
} from "../../../src/source/index.ts";
import { file, type TreeNode, temporaryFolder, treeOf, writeTree } from "../../support/index.ts";

/** A source of a folder, as the suite wants it. */
export interface SourceFixture {
  readonly source: Source;
  /** Names with any bytes can be served; false = only what can stand in a text. */
  readonly anyNames?: boolean;
  /** False = what serves the source lists no names that begin with a dot. */
  readonly dotFiles?: boolean;
  /** It knows parts of a tree: its top is never complete. */
  readonly isPart?: boolean;
  /** Ends whatever serves the source, after source.close(). */
  close?(): Promise<void>;
}

/** Serves a folder. */
export type SourceKind = (folder: string) => Promise<SourceFixture>;

/** Returns `length` bytes that are nowhere the same. */
export function noise(length: number, seed: number): ByteString {
  const random = seededRandom(seed);
  const bytes = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.uint32();
  return Buffer.from(bytes.buffer).toString("latin1").slice(0, length);
}

const large = 2_500_000;

/** Content of files by path. */
export const contents: Readonly<Record<string, ByteString>> = {
  empty: "",
  "large.bin": noise(large, 1),
  "notes.txt": "first line\nsecond line\n",
  "a/b/c/deep": noise(70_000, 2),
  "a/one byte": "x",
  "a/100%25 ?#&;=+'\"<b>.txt": "a name that needs care",
  "a/gr\xc3\xbc\xc3\x9fe": "a name in UTF-8",
  "a/.hidden": "hidden",
};

/** Directories, and those above them. */
export const directories = ["a", "a/b", "a/b/c", "a/nothing"];

/** Times are far from one another and from now. */
export function mtimeOf(path: string): number {
  return 1_500_000_000 + Object.keys(contents).indexOf(path) * 86_400;
}

function node(path: string): TreeNode {
  return file(contents[path] ?? "", { mode: 0o640, mtime: mtimeOf(path) });
}

/** A served tree, and everything that a test needs of it. */
export interface Served extends AsyncDisposable {
  readonly source: Source;
  readonly abilities: SourceAbilities;
  readonly signal: AbortSignal;
  readonly folder: string;
  readonly isPart: boolean;
  /** The files that listings show. */
  readonly listed: readonly string[];
  /** A file as listings tell of it, of the exact size. */
  fileAt(path: ByteString): Promise<SourceFile>;
}

/** Writes the tree and has it served. */
export async function serveTree(kind: SourceKind): Promise<Served> {
  const folder = temporaryFolder();
  const inA: Record<string, TreeNode> = {};
  for (const path of Object.keys(contents)) {
    if (path.startsWith("a/") && !path.startsWith("a/b/")) inA[path.slice(2)] = node(path);
  }
  const tree = treeOf({
    empty: node("empty"),
    "large.bin": node("large.bin"),
    "notes.txt": node("notes.txt"),
    "a/": { ...inA, "b/": { "c/": { deep: node("a/b/c/deep") } }, "nothing/": {} },
  });
  writeTree(folder.path, tree);
  const fixture = await kind(folder.path);
  const { source } = fixture;
  const { signal } = new AbortController();
  const abilities = await source.probe(signal);
  return {
    source,
    abilities,
    signal,
    folder: folder.path,
    isPart: fixture.isPart === true,
    listed: Object.keys(contents).filter((path) => fixture.dotFiles !== false || !isHidden(path)),
    fileAt: async (path) => {
      const entry = isHidden(path) ? hiddenEntry(path) : await entryAt(source, path, signal);
      return { path, entry: await source.look({ path, entry }, signal) };
    },
    [Symbol.asyncDispose]: async () => {
      await source.close();
      await fixture.close?.();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function isHidden(path: ByteString): boolean {
  return path.includes("/.");
}

/** Not every kind lists it; every kind has it. */
function hiddenEntry(path: ByteString): ListedEntry {
  return { name: path.slice(path.lastIndexOf("/") + 1), kind: "file" };
}

async function entryAt(
  source: Source,
  path: ByteString,
  signal: AbortSignal,
): Promise<ListedEntry> {
  const slash = path.lastIndexOf("/");
  const { entries } = await source.list(slash < 0 ? "" : path.slice(0, slash), signal);
  const found = entries.find(
    ({ name }) => joinPath(path.slice(0, Math.max(0, slash)), name) === path,
  );
  if (found === undefined) throw new Error(`"${path}" is not listed`);
  return found;
}
