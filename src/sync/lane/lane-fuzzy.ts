// --fuzzy in one lane: the listings in which a former version of a new file may be found, kept while
// the lane works on one directory. What another task has changed in it meanwhile is no matter: a basis is opened when it is
// used, and what is made of it is proven.

import { type ByteString, joinPath } from "../../base/index.ts";
import { order } from "../../changeset/index.ts";
import { type DirHandle, FsError } from "../../fs/index.ts";
import { findFuzzy, takeMode } from "../../pipeline/index.ts";
import { Directory, isRegular, matchEntries, sameTime, sortListing } from "../../tree/index.ts";
import { fileTag, type MoveBasis } from "../tasks/move-tasks.ts";
import type { Range } from "../tasks/range.ts";
import type { LaneBasis } from "./lane-basis.ts";
import type { LaneCore } from "./lane-core.ts";

/** Levels of the debug topic: what was chosen, and how everything was weighed. */
const chosenLevel = 1;
const weighedLevel = 2;
/** Marks in `changes`: made by this run, or not part of the transfer. */
const madeHere = -2;
const unrelated = -1;

/** A lane that may have basis directories to look in. */
type FuzzyLane = LaneCore & { readonly basis: LaneBasis | undefined };

/** What of a range is looked at. */
type FuzzyRange = Pick<Range, "source" | "place" | "orders">;

/** Finds former versions. */
export class LaneFuzzy {
  readonly #lane: FuzzyLane;
  #path: ByteString | undefined;
  #listings: (Directory | undefined)[] = [];
  /** For entries of the target directory: the index of the source entry that replaces them, or a mark. */
  #changes = new Int32Array(0);

  constructor(lane: FuzzyLane) {
    this.#lane = lane;
  }

  /** Says whether finding one would be of use: files are built from others or take their permissions, or people want to hear of it. */
  get isOfUse(): boolean {
    const { diff, receive, settings } = this.#lane;
    const isHeard = settings.options.output.debug.fuzzy >= chosenLevel;
    return receive.options.content.delta || !diff.attributes.mode || isHeard;
  }

  /**
   * Finds a basis for the new file `i`, and gives it that one's permissions if they are not the source's to give; the
   * handle is good while the lane works on this directory.
   */
  find(range: Range, i: number): { dir: DirHandle; name: ByteString } | undefined {
    const { source, place } = range;
    if (place.dir < 0 || !isRegular(source.mode[i] as number)) return undefined;
    this.#list(range);
    const lane = this.#lane;
    const name = source.name(i);
    const isHeard = lane.settings.options.output.debug.fuzzy >= weighedLevel;
    const found = findFuzzy(
      { name, size: source.size[i] as number, mtime: source.mtime[i] as number },
      {
        listings: this.#listings,
        mayUse: (listing, index) => listing > 0 || this.#mayUse(index, i),
        sameTime: (a, b) => sameTime(lane.diff.attributes, a, 0, b, 0),
        matched: (listing, index) =>
          lane.note(
            "fuzzy",
            weighedLevel,
            `fuzzy size/modtime match for ${this.#label(listing, index)}`,
          ),
        measured: isHeard
          ? (listing, index, distance) =>
              lane.note("fuzzy", weighedLevel, weighed(this.#label(listing, index), distance))
          : undefined,
      },
    );
    if (found === undefined) return undefined;
    const label = this.#label(found.listing, found.index);
    const text = `fuzzy basis selected for ${joinPath(place.path, name)}: ${label}`;
    lane.note("fuzzy", chosenLevel, text);
    const dir = found.listing === 0 ? place.dir : lane.basis?.open(place.path)[found.listing - 1];
    const listing = this.#listings[found.listing];
    if (dir === undefined || listing === undefined) return undefined;
    const { attributes } = lane.diff;
    if (!attributes.mode) takeMode(attributes, source, i, listing.mode[found.index] as number);
    return { dir, name: listing.name(found.index) };
  }

  /**
   * The same where the source is elsewhere, among the files of the directory that this run leaves as they are: what is
   * told of one there has to be true still when content comes.
   */
  findStanding(range: FuzzyRange, i: number): MoveBasis | undefined {
    const { source, place } = range;
    if (place.dir < 0 || !isRegular(source.mode[i] as number)) return undefined;
    this.#list(range);
    const { attributes } = this.#lane.diff;
    const found = findFuzzy(
      { name: source.name(i), size: source.size[i] as number, mtime: source.mtime[i] as number },
      {
        listings: this.#listings.slice(0, 1),
        mayUse: (_, index) => this.#changes[index] === unrelated,
        sameTime: (a, b) => sameTime(attributes, a, 0, b, 0),
        matched: () => undefined,
        measured: undefined,
      },
    );
    const listing = this.#listings[0];
    if (found === undefined || listing === undefined) return undefined;
    const { index } = found;
    return {
      tag: fileTag.stays,
      directory: place.path,
      name: listing.name(index),
      size: listing.size[index] as number,
      mtime: listing.mtime[index] as number,
      mtimeNanos: listing.mtimeNanos[index] as number,
      same: "name",
      becomes: false,
    };
  }

  /** A file that changes in this run serves until its turn comes; one that this run made does not. */
  #mayUse(index: number, i: number): boolean {
    const replacedBy = this.#changes[index] as number;
    return replacedBy === unrelated || (replacedBy !== madeHere && replacedBy > i);
  }

  #label(listing: number, index: number): ByteString {
    const name = this.#listings[listing]?.name(index) ?? "";
    const path = joinPath(this.#path ?? "", name);
    return listing === 0 ? path : (this.#lane.basis?.label(listing - 1, path) ?? path);
  }

  #list(range: FuzzyRange): void {
    const { place } = range;
    if (this.#path === place.path) return;
    this.#path = place.path;
    this.#listings = [this.#read(place.dir)];
    if (this.#lane.settings.options.transfer.fuzzy > 1) {
      for (const dir of this.#lane.basis?.open(place.path) ?? []) {
        this.#listings.push(dir === undefined ? undefined : this.#read(dir));
      }
    }
    this.#markChanges(range);
  }

  #read(dir: DirHandle): Directory | undefined {
    const { fs } = this.#lane;
    const listing = new Directory();
    try {
      fs.readNames(dir, listing);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return undefined;
    }
    fs.statEntries(dir, listing, 0, listing.count);
    sortListing(listing, false);
    return listing.count === 0 ? undefined : listing;
  }

  #markChanges({ source, orders }: FuzzyRange): void {
    const listing = this.#listings[0];
    if (listing === undefined) return;
    const match = new Int32Array(source.count);
    matchEntries(source, listing, match, new Uint8Array(listing.count));
    this.#changes = new Int32Array(listing.count).fill(unrelated);
    for (let i = 0; i < source.count; i++) {
      const t = match[i] as number;
      if (t < 0) continue;
      const kind = orders.kind[i];
      if (kind === order.change) this.#changes[t] = i;
      else if (kind !== order.none && kind !== order.meta && kind !== order.skip)
        this.#changes[t] = madeHere;
    }
  }
}

function weighed(label: ByteString, distance: number): ByteString {
  const rest = `${distance % 0x10000}`.padStart(5, "0");
  return `fuzzy distance for ${label} = ${Math.floor(distance / 0x10000)}.${rest}`;
}
