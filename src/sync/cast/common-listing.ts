// What most targets of a cast have, as a listing of a tree that is nowhere: an entry stands in it if enough of them have it
// alike. Compared with the source it says what many lack.

import {
  type ChangesetWriter,
  compareDirectories,
  ListedDirectory,
  selfName,
} from "../../changeset/index.ts";
import { compareEntries, isDirectory, isRegular } from "../../tree/index.ts";
import type { WrittenListing } from "../verbs/listing-stream.ts";
import type { Steps } from "../verbs/steps.ts";

/** A listing, and how many targets have it. */
export interface SharedListing {
  readonly listing: WrittenListing;
  readonly targets: number;
}

interface Head extends SharedListing {
  directory: ListedDirectory | undefined;
}

/** Where an entry was found, and how many have it. */
interface Found {
  readonly from: ListedDirectory;
  readonly row: number;
  targets: number;
}

/** Writes the entries that at least `enough` targets have alike, which is more than half of them; not the trailer. */
export function* writeCommonListing(
  listings: readonly SharedListing[],
  enough: number,
  writer: ChangesetWriter,
): Steps {
  const heads: Head[] = listings.map((each) => ({ ...each, directory: each.listing.next() }));
  const common = new ListedDirectory();
  for (;;) {
    const first = heads.reduce<ListedDirectory | undefined>(earlier, undefined);
    if (first === undefined) return;
    const { path } = first;
    const there = heads.filter(({ directory }) => directory?.path === path);
    if (countOf(there) >= enough) {
      common.reset(path);
      collect(there, enough, common);
      writer.listing(common);
    }
    for (const head of there) head.directory = head.listing.next();
    yield;
  }
}

function earlier(
  first: ListedDirectory | undefined,
  { directory }: Head,
): ListedDirectory | undefined {
  if (first === undefined || directory === undefined) return first ?? directory;
  return compareDirectories(directory.path, first.path) < 0 ? directory : first;
}

function countOf(heads: readonly SharedListing[]): number {
  return heads.reduce((sum, { targets }) => sum + targets, 0);
}

/** Fills a directory with what enough of these have alike. */
function collect(heads: readonly Head[], enough: number, into: ListedDirectory): void {
  const found = new Map<string, Found>();
  for (const { directory, targets } of heads) {
    if (directory === undefined) continue;
    if (!directory.columns.complete) into.columns.complete = false;
    for (let row = 0; row < directory.columns.count; row++) {
      const alike = likenessOf(directory, row);
      const known = found.get(alike);
      if (known === undefined) found.set(alike, { from: directory, row, targets });
      else known.targets += targets;
    }
  }
  const alike = [...found.values()].filter(({ targets }) => targets >= enough);
  for (const { from, row } of alike.sort(inListingOrder)) copyRow(from, row, into);
}

/** The root's own row stands before all others. */
function inListingOrder(one: Found, other: Found): number {
  const [isSelf, isOtherSelf] = [one, other].map(
    ({ from, row }) => from.columns.name(row) === selfName,
  );
  if (isSelf !== isOtherSelf) return isSelf ? -1 : 1;
  return compareEntries(one.from.columns, one.row, other.from.columns, other.row);
}

/** What two entries that are alike have in common: content as far as a listing tells it, and not who owns it. */
function likenessOf({ columns, states }: ListedDirectory, row: number): string {
  const mode = columns.mode[row] as number;
  const name = columns.name(row);
  if (!isRegular(mode)) return `${name}/${isDirectory(mode) ? "d" : "o"}`;
  const digest = states.digests.get(row);
  const known = digest === undefined ? "" : Buffer.from(digest).toString("latin1");
  return `${name}/${columns.size[row]} ${columns.mtime[row]} ${columns.mtimeNanos[row]} ${known}`;
}

function copyRow({ columns, states }: ListedDirectory, row: number, into: ListedDirectory): void {
  const to = into.columns.add(columns.name(row), columns.mode[row] as number);
  into.columns.copyAttributes(to, columns, row);
  const target = columns.linkTargets.get(row);
  if (target !== undefined) into.columns.setLinkTarget(to, target);
  const digest = states.digests.get(row);
  if (digest !== undefined) into.states.digests.set(to, digest);
}
