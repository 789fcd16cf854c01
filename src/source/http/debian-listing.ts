// A Debian archive whose server lists nothing: its suites' indices name every file that belongs to them, with size and digest.

import {
  type ByteString,
  type Clock,
  fromText,
  ManifoldError,
  parentPath,
} from "../../base/index.ts";
import {
  type CatalogEntry,
  DebianIndexReader,
  type DebianRelease,
  parseDebianRelease,
} from "../../catalog/index.ts";
import { createDigest, sameDigest } from "../../hash/index.ts";
import { SourceError } from "../source-error.ts";
import { listedEntry } from "./listed.ts";
import type { ListingKind } from "./listing-kind.ts";
import { asSourceError, type Site } from "./site.ts";
import { TreeListing } from "./tree-listing.ts";
import { unpacked } from "./unpack.ts";

/** What opening one needs. */
export interface DebianPlace {
  readonly site: Site;
  readonly clock: Clock;
  /** Names of directories below dists/: "bookworm", "bookworm-updates". */
  readonly suites: readonly string[];
}

const releaseNames = ["InRelease", "Release"];
const releaseBytesMax = 64 * 1024 * 1024;
/** Indices that name files of the pool, by their names without compression. */
const poolIndices = /(^|\/)(Packages|Sources)$/;
/** The forms that can be read, the cheapest first. */
const forms = [".gz", "", ".xz"];
/** Questions to the server at the same time. */
const questionsMax = 4;

/** Reads the suites; undefined where none is there. */
export async function openDebian(
  place: DebianPlace,
  signal: AbortSignal,
): Promise<ListingKind | undefined> {
  const found: { readonly top: ByteString; readonly release: DebianRelease }[] = [];
  const names: ByteString[] = [];
  for (const suite of place.suites) {
    const top = `dists/${fromText(suite)}`;
    for (const name of [...releaseNames, "Release.gpg"]) {
      const response = await place.site.askIfThere(`${top}/${name}`, signal);
      if (response === undefined) continue;
      names.push(`${top}/${name}`);
      if (name === "Release.gpg" || found.at(-1)?.top === top) response.discard();
      else
        found.push({
          top,
          release: parseDebianRelease(await bytesOf(response.body, name, signal)),
        });
    }
  }
  if (found.length === 0) return undefined;
  const generation = found.map(({ top, release }) => `${top} ${release.date ?? "?"}`).join(", ");
  const tree = new TreeListing({ name: "Debian's indices", generation });
  for (const path of names)
    tree.add(path, { name: path.slice(path.lastIndexOf("/") + 1), kind: "file" });
  for (const { top, release } of found) await readSuite(place, { tree, top, release }, signal);
  return tree;
}

interface Suite {
  readonly tree: TreeListing;
  readonly top: ByteString;
  readonly release: DebianRelease;
}

async function readSuite(
  place: DebianPlace,
  { tree, top, release }: Suite,
  signal: AbortSignal,
): Promise<void> {
  const kept = await keptFiles(place.site, top, release.files, signal);
  for (const [path, entry] of kept) add(tree, { ...entry, path: `${top}/${path}` });
  const indices = new Set(
    [...kept.keys()]
      .map((path) => path.replace(/\.(gz|xz)$/, ""))
      .filter((path) => poolIndices.test(path)),
  );
  for (const index of indices) {
    const form = forms.find((end) => kept.has(`${index}${end}`));
    const entry = form === undefined ? undefined : kept.get(`${index}${form}`);
    if (entry !== undefined)
      await readIndex(place, { ...entry, path: `${top}/${entry.path}` }, tree, signal);
  }
}

/** A Release file names all forms of its indices, and archives keep some. */
async function keptFiles(
  site: Site,
  top: ByteString,
  files: readonly CatalogEntry[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ByteString, CatalogEntry>> {
  const kept = new Map<ByteString, CatalogEntry>();
  const waiting = files[Symbol.iterator]();
  const ask = async (): Promise<void> => {
    for (const entry of waiting) {
      const response = await site.askFile(`${top}/${entry.path}`, { method: "HEAD" }, signal);
      response.discard();
      if (response.status === 200) kept.set(entry.path, entry);
      else if (response.status !== 404) throw site.refusal(response);
    }
  };
  await Promise.all(Array.from({ length: questionsMax }, ask));
  return kept;
}

/** Reads an index, and believes nothing of it unless it is the one that the Release file means. */
async function readIndex(
  { site, clock }: DebianPlace,
  { path, size, digest }: CatalogEntry,
  tree: TreeListing,
  signal: AbortSignal,
): Promise<void> {
  const response = await site.ask(path, {}, signal);
  const entries: CatalogEntry[] = [];
  const reader = new DebianIndexReader(path, (entry) => void entries.push(entry));
  const running = digest && createDigest(digest.algorithm);
  let length = 0;
  async function* watched(): AsyncIterable<Uint8Array> {
    for await (const bytes of response.body) {
      running?.update(bytes);
      length += bytes.length;
      yield bytes;
    }
  }
  let failure: unknown;
  try {
    for await (const bytes of unpacked(path, watched(), clock)) reader.push(bytes);
    reader.end();
  } catch (error) {
    signal.throwIfAborted();
    failure = asSourceError(error);
  }
  const isMeant =
    length === size &&
    (digest === undefined || (running !== undefined && sameDigest(running.digest(), digest.value)));
  if (!isMeant && !(failure instanceof SourceError && failure.trouble === "connection")) {
    throw new SourceError(
      "changed",
      `${path} is not what ${parentPath(path)}'s Release file means: the mirror is being updated`,
    );
  }
  if (failure !== undefined) throw failure;
  for (const entry of entries) add(tree, entry);
}

function add(tree: TreeListing, entry: CatalogEntry): void {
  const listed = listedEntry(entry, undefined);
  if (listed !== undefined) tree.add(entry.path, listed);
}

async function bytesOf(
  body: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const bytes of body) {
      length += bytes.length;
      if (length > releaseBytesMax)
        throw new ManifoldError("protocol-data", `${name} has more than ${releaseBytesMax} bytes`);
      pieces.push(bytes);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw asSourceError(error);
  }
  return Buffer.concat(pieces);
}
