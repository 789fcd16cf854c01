// Lists of everything that are text: ls-lR, and lists of checksums.

import type { Clock } from "../../base/index.ts";
import {
  type CatalogReader,
  ChecksumListReader,
  checksumListNames,
  LsReader,
  parseHttpDate,
} from "../../catalog/index.ts";
import type { HttpResponse } from "../../transport/index.ts";
import { listedEntry } from "./listed.ts";
import { type ListingKind, tellsLittle } from "./listing-kind.ts";
import { ServerZone } from "./server-zone.ts";
import { asSourceError, type Site } from "./site.ts";
import { TreeListing } from "./tree-listing.ts";
import { unpacked } from "./unpack.ts";

/** Names under which the output of `ls -lR` is published. */
const lsNames = ["ls-lR.gz", "ls-lR"];
const minute = 60;
/** Files that are asked for their true time, at most. */
const samplesMax = 4;

/** Reads ls-lR; undefined where there is none. */
export async function openLs(
  site: Site,
  clock: Clock,
  signal: AbortSignal,
): Promise<ListingKind | undefined> {
  for (const name of lsNames) {
    const response = await site.askIfThere(name, signal);
    if (response === undefined) continue;
    if (/\bhtml\b/i.test(response.header("content-type"))) response.discard();
    else return readLs({ site, clock, name, response }, signal);
  }
  return undefined;
}

interface Found {
  readonly site: Site;
  readonly clock: Clock;
  readonly name: string;
  readonly response: HttpResponse;
}

async function readLs(
  { site, clock, name, response }: Found,
  signal: AbortSignal,
): Promise<ListingKind> {
  const changed = response.header("last-modified");
  const madeAt =
    parseHttpDate(changed) ?? parseHttpDate(response.header("date")) ?? clock.wallTime() / 1000;
  const zone = new ServerZone();
  const tree = new TreeListing({
    name,
    tells: { ...tellsLittle, modes: true, symlinks: true },
    timeStep: minute,
    generation: changed === "" ? undefined : changed,
    adjust: (entry) =>
      entry.mtime === undefined ? entry : { ...entry, mtime: zone.correct(entry.mtime) },
  });
  const reader = new LsReader({
    madeAt,
    sink: (entry) => {
      // The day alone says less than nothing: it would make a difference of everything, or of nothing.
      const seconds = (entry.time?.step ?? 0) <= minute ? entry.time?.seconds : undefined;
      const listed = listedEntry(entry, seconds);
      if (listed !== undefined && entry.path !== name) tree.add(entry.path, listed);
    },
  });
  await readAll(name, response, reader, { clock, signal });
  await learnZone(tree, zone, site, signal);
  return tree;
}

/** Asks for the true times of some files. */
async function learnZone(
  tree: TreeListing,
  zone: ServerZone,
  site: Site,
  signal: AbortSignal,
): Promise<void> {
  let count = 0;
  for (const { path, entry } of tree.files()) {
    if (entry.mtime === undefined || !zone.wants(entry.mtime)) continue;
    const response = await site.askFile(path, { method: "HEAD" }, signal);
    const truth = parseHttpDate(response.header("last-modified"));
    response.discard();
    if (truth !== undefined && response.status === 200) zone.learn(entry.mtime, truth, minute);
    count++;
    if (count >= samplesMax) return;
  }
}

/** Reads a list of checksums: names and digests, and nothing else. */
export async function openChecksums(
  site: Site,
  clock: Clock,
  signal: AbortSignal,
): Promise<ListingKind | undefined> {
  for (const { name, algorithm } of checksumListNames) {
    const response = await site.askIfThere(name, signal);
    if (response === undefined) continue;
    if (/\bhtml\b/i.test(response.header("content-type"))) {
      response.discard();
      continue;
    }
    const changed = response.header("last-modified");
    const tree = new TreeListing({ name, generation: changed === "" ? undefined : changed });
    tree.add(name, { name, kind: "file" });
    const reader = new ChecksumListReader({
      catalog: name,
      algorithm,
      sink: (entry) => {
        const listed = listedEntry(entry, undefined);
        if (listed !== undefined) tree.add(entry.path, listed);
      },
    });
    await readAll(name, response, reader, { clock, signal });
    return tree;
  }
  return undefined;
}

/** Reads a response, unpacked as its name says, through a reader. Rejects with SourceError. */
export async function readAll(
  name: string,
  response: HttpResponse,
  reader: CatalogReader,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  try {
    for await (const bytes of unpacked(name, response.body, clock)) reader.push(bytes);
    reader.end();
  } catch (error) {
    signal.throwIfAborted();
    throw asSourceError(error);
  }
}
