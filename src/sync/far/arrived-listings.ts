// Directories of a source that is elsewhere, between their coming and the moment at which the conductor wants
// them, or the other way round; and those that nobody wants.

import type { ListingMessage } from "../../session/index.ts";
import type { FarDirectory, FarListing } from "../conduct/far-ends.ts";
import type { TreeNode } from "../conduct/tree-node.ts";
import { outOfTurn } from "./out-of-turn.ts";
import { untakenBytesAtMost, untakenDirectoriesAtMost } from "./windows.ts";

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
  /** Directories that came before they were wanted, and who waits for those that have not come. */
  readonly #arrived = new Map<string, FarListing>();
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
    for (const [key, listing] of this.#arrived) {
      this.#leave(key, listing);
      this.#drop(listing);
    }
    this.#skipped.clear();
    this.#skippedDirectories.clear();
  }

  /** As FarSource's. */
  listing(node: TreeNode, then: (listing: FarListing) => void): void {
    const { parent, index } = node.known;
    const key = parent === undefined ? top : keyOf(parent.far, index);
    const wanted = (listing: FarListing): void => then(notClosedApart(node, listing));
    const arrived = this.#arrived.get(key);
    if (arrived === undefined) {
      this.#awaited.set(key, wanted);
      return;
    }
    this.#leave(key, notClosedApart(node, arrived));
    setImmediate(() => wanted(arrived));
  }

  /** As FarSource's. */
  skip(node: TreeNode, index: number): void {
    const key = keyOf(node.far, index);
    const arrived = this.#arrived.get(key);
    if (arrived === undefined) {
      this.#skipped.add(key);
      return;
    }
    this.#leave(key, arrived);
    this.#drop(arrived);
  }

  /** Takes what has come of the walk, with its content. Throws a protocol-data error. */
  take(heard: HeardListing, ahead: FarDirectory["ahead"]): void {
    const isTop = heard.kind === "directory" && heard.parent === heard.directory;
    const key = isTop ? top : keyOf(heard.parent, heard.index);
    const listing = listingOf(heard, ahead);
    if (this.#skipped.delete(key) || this.#skippedDirectories.has(heard.parent)) {
      this.#listener.took(lengthOf(listing));
      this.#drop(listing);
      return;
    }
    const then = this.#awaited.get(key);
    if (then === undefined) {
      this.#keep(key, listing);
      return;
    }
    this.#awaited.delete(key);
    this.#listener.took(lengthOf(listing));
    then(listing);
  }

  /** Keeps what comes before it is wanted: no more than a source's end may send. */
  #keep(key: string, listing: FarListing): void {
    if (this.#arrived.has(key)) throw outOfTurn("a directory");
    if (this.#bytes > untakenBytesAtMost || this.#arrived.size >= untakenDirectoriesAtMost) {
      throw outOfTurn("more directories than were taken,");
    }
    this.#arrived.set(key, listing);
    this.#bytes += lengthOf(listing);
  }

  #leave(key: string, listing: FarListing): void {
    this.#arrived.delete(key);
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

const top = "top";

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
