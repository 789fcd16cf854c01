// Directories of a source that is elsewhere, between their coming and the moment at which the conductor wants
// them, or the other way round; and those that nobody wants.

import type { ListingMessage } from "../../session/index.ts";
import type { FarDirectory, FarListing } from "../conduct/far-ends.ts";
import type { TreeNode } from "../conduct/tree-node.ts";
import type { BelowRecord } from "../tasks/far-tasks.ts";
import { outOfTurn } from "./out-of-turn.ts";
import { surveyedBelowMax, untakenBytesAtMost, untakenDirectoriesAtMost } from "./windows.ts";

/** A directory, or that there is none. */
export type HeardListing = ListingMessage & { readonly kind: "directory" | "closed" };

/** Who hears of them. */
export interface ArrivedListener {
  /** One was taken: there is room for more. */
  readonly took: (bytes: number) => void;
  /** Nobody will ask about a directory. */
  readonly release: (directory: number) => void;
}

/** Those of one walk. */
export class ArrivedListings {
  readonly #listener: ArrivedListener;
  /** Directories that came before they were wanted, by parent and place in it, and who waits for those that have not come. */
  readonly #arrived = new Map<number, Map<number, FarListing>>();
  #count = 0;
  #bytes = 0;
  readonly #awaited = new Map<string, (listing: FarListing) => void>();
  /** Subdirectories of no interest that have not come yet, and all directories below such. */
  readonly #skipped = new Set<string>();
  readonly #skippedDirectories = new Set<number>();

  constructor(listener: ArrivedListener) {
    this.#listener = listener;
  }

  /** Another walk begins: what is left is of no interest. */
  clear(): void {
    for (const [parent, listings] of this.#arrived) {
      for (const [index, listing] of listings) {
        this.#leave(parent, index, listing);
        this.#drop(listing);
      }
    }
    this.#skipped.clear();
    this.#skippedDirectories.clear();
  }

  /** As FarSource's. */
  listing(node: TreeNode, then: (listing: FarListing) => void): void {
    const { parent, index } = node.known;
    const above = parent === undefined ? aboveTop : parent.far;
    const wanted = (listing: FarListing): void => then(notClosedApart(node, listing));
    const arrived = this.#arrived.get(above)?.get(index);
    if (arrived === undefined) {
      this.#awaited.set(keyOf(above, index), wanted);
      return;
    }
    this.#leave(above, index, notClosedApart(node, arrived));
    setImmediate(() => wanted(arrived));
  }

  /** As FarSource's. */
  skip({ far }: TreeNode, index: number): void {
    const arrived = this.#arrived.get(far)?.get(index);
    if (arrived === undefined) {
      this.#skipped.add(keyOf(far, index));
      return;
    }
    this.#leave(far, index, arrived);
    this.#drop(arrived);
  }

  /** As FarSource's. What content came with is new, and nothing to go on with. */
  below(directory: number): readonly BelowRecord[] {
    const found: BelowRecord[] = [];
    this.#addBelow(directory, found);
    return found;
  }

  /** Each is found below one that was found before: numbers that lead in circles end with the count. */
  #addBelow(parent: number, found: BelowRecord[]): void {
    for (const [index, listing] of this.#arrived.get(parent) ?? []) {
      if (listing === "closed" || listing.ahead !== undefined) continue;
      if (found.length >= surveyedBelowMax) return;
      const { directory, record } = listing;
      found.push({ directory, parent, index, record });
      this.#addBelow(directory, found);
    }
  }

  /** One of them was surveyed. */
  surveyed({ parent, index }: BelowRecord): void {
    const arrived = this.#arrived.get(parent)?.get(index);
    if (arrived !== undefined) this.#leave(parent, index, arrived);
  }

  /** Takes what has come of the walk, with its content. Throws a protocol-data error. */
  take(heard: HeardListing, ahead: FarDirectory["ahead"]): void {
    const isTop = heard.kind === "directory" && heard.parent === heard.directory;
    const parent = isTop ? aboveTop : heard.parent;
    const { index } = heard;
    const key = keyOf(parent, index);
    const listing = listingOf(heard, ahead);
    if (this.#skipped.delete(key) || this.#skippedDirectories.has(heard.parent)) {
      this.#listener.took(lengthOf(listing));
      this.#drop(listing);
      return;
    }
    const then = this.#awaited.get(key);
    if (then === undefined) {
      this.#keep(parent, index, listing);
      return;
    }
    this.#awaited.delete(key);
    this.#listener.took(lengthOf(listing));
    // What has come with it is looked at first: its survey may go on with that.
    setImmediate(() => then(listing));
  }

  /** Keeps what comes before it is wanted: no more than a source's end may send. */
  #keep(parent: number, index: number, listing: FarListing): void {
    const siblings = this.#arrived.get(parent) ?? new Map<number, FarListing>();
    if (siblings.has(index)) throw outOfTurn("a directory");
    if (this.#bytes > untakenBytesAtMost || this.#count >= untakenDirectoriesAtMost) {
      throw outOfTurn("more directories than were taken,");
    }
    siblings.set(index, listing);
    this.#arrived.set(parent, siblings);
    this.#count++;
    this.#bytes += lengthOf(listing);
  }

  #leave(parent: number, index: number, listing: FarListing): void {
    const siblings = this.#arrived.get(parent);
    siblings?.delete(index);
    if (siblings?.size === 0) this.#arrived.delete(parent);
    this.#count--;
    this.#bytes -= lengthOf(listing);
    this.#listener.took(lengthOf(listing));
  }

  /** The source's end goes on below it, and is not waited for. */
  #drop(listing: FarListing): void {
    if (listing === "closed") return;
    listing.ahead?.applied();
    this.#skippedDirectories.add(listing.directory);
    this.#listener.release(listing.directory);
  }
}

/** A directory that is filled apart gets its name when it has been: its inside has to come. Throws a protocol-data error. */
function notClosedApart({ known }: TreeNode, listing: FarListing): FarListing {
  const isApart = known.entry?.list.apart?.has(known.entry.index) === true;
  if (isApart && listing === "closed") throw outOfTurn("nothing for a directory that is new");
  return listing;
}

/** The number of what the top is in. */
const aboveTop = -1;

function keyOf(parent: number, index: number): string {
  return `${parent}:${index}`;
}

function listingOf(message: HeardListing, ahead: FarDirectory["ahead"]): FarListing {
  if (message.kind === "closed") return "closed";
  return { directory: message.directory, record: message.body, ahead };
}

/** Content counts for itself, as long as it takes room. */
function lengthOf(listing: FarListing): number {
  return listing === "closed" ? 0 : listing.record.length;
}
