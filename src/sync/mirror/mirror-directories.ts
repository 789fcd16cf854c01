// The directories of the reference, listed as the run wants them and some ahead, so that no round trip is waited for twice.

import { type ByteString, fromText, joinPath } from "../../base/index.ts";
import {
  type ListedEntry,
  type Source,
  type SourceAbilities,
  SourceError,
  type SourceListing,
} from "../../source/index.ts";
import type { ProblemEvent } from "../../tree/index.ts";

/** Directories that are listed before they are wanted: round trips in a row, without holding much of the tree. */
const aheadMax = 64;
/** Listings at the same time: servers make them by looking at every file. */
const listingsMax = 4;

/** A directory that was listed. */
export interface ListedSource {
  readonly listing: SourceListing;
  readonly problems: readonly ProblemEvent[];
}

/** Lists them. */
export class MirrorDirectories {
  readonly #source: Source;
  readonly #signal: AbortSignal;
  /** Connections that listing ahead may take; 0 = what is known needs no round trips, and only lies in memory. */
  readonly #connections: number;
  readonly #listings = new Map<ByteString, Promise<ListedSource>>();
  /** What was taken, where all walks are to go by the same listings. */
  readonly #kept: Map<ByteString, Promise<ListedSource>> | undefined;
  #queue: ByteString[] = [];
  #running = 0;

  /** `keeps`: there will be several walks, and they all see what the first one did; it lies in memory. */
  constructor(
    source: Source,
    { listsAtOnce, connectionsMax }: Pick<SourceAbilities, "listsAtOnce" | "connectionsMax">,
    signal: AbortSignal,
    keeps = false,
  ) {
    this.#source = source;
    this.#kept = keeps ? new Map() : undefined;
    this.#connections = listsAtOnce ? 0 : Math.min(connectionsMax, listingsMax);
    this.#signal = signal;
  }

  /** Takes the listing of a directory; those of its subdirectories are begun. Never rejects. */
  async take(path: ByteString): Promise<ListedSource> {
    const kept = this.#kept?.get(path);
    if (kept !== undefined) return kept;
    const listing = this.#listings.get(path) ?? this.#list(path);
    const listed = await listing;
    this.#listings.delete(path);
    this.#kept?.set(path, listing);
    if (this.#connections === 0) return listed;
    const inner = listed.listing.entries.filter(({ kind }) => kind === "directory");
    this.#queue.unshift(...inner.map(({ name }) => joinPath(path, name)).sort());
    this.#goOn();
    return listed;
  }

  /** Looks at the listing of a directory, which stays to be taken. Never rejects. */
  peek(path: ByteString): Promise<ListedSource> {
    const kept = this.#kept?.get(path);
    if (kept !== undefined) return kept;
    const listed = this.#listings.get(path) ?? this.#list(path);
    this.#listings.set(path, listed);
    return listed;
  }

  /** It will not be wanted, nor what is below. */
  skip(path: ByteString): void {
    this.#queue = this.#queue.filter((one) => one !== path && !one.startsWith(`${path}/`));
    this.#listings.delete(path);
  }

  #goOn(): void {
    while (this.#running < this.#connections && this.#listings.size < aheadMax) {
      const path = this.#queue.shift();
      if (path === undefined) return;
      if (this.#listings.has(path) || this.#kept?.has(path) === true) continue;
      this.#running++;
      const listed = this.#list(path);
      this.#listings.set(path, listed);
      void listed.then(() => {
        this.#running--;
        this.#goOn();
      });
    }
  }

  async #list(path: ByteString): Promise<ListedSource> {
    this.#queue = this.#queue.filter((one) => one !== path);
    try {
      const listing = await this.#source.list(path, this.#signal);
      if (listing.entries.every(isExact)) return { listing, problems: [] };
      const looks = await Promise.all(
        listing.entries.map((entry) => this.#exactly(joinPath(path, entry.name), entry)),
      );
      const entries = looks.filter((entry) => entry !== undefined);
      return { listing: { ...listing, entries, again: undefined }, problems: [] };
    } catch (error) {
      if (!(error instanceof SourceError) && !this.#signal.aborted) throw error;
      const { message } = error as Error;
      const problem = listProblem(path, `${this.#source.url}: ${message}`);
      return { listing: { entries: [], isComplete: false }, problems: [problem] };
    }
  }

  /** Sizes have to be exact: whoever cuts a file into pieces must know where it ends. */
  async #exactly(path: ByteString, entry: ListedEntry): Promise<ListedEntry | undefined> {
    if (isExact(entry)) return entry;
    try {
      return await this.#source.look({ path, entry }, this.#signal);
    } catch (error) {
      if (error instanceof SourceError && error.trouble === "absent") return undefined;
      throw error;
    }
  }
}

function isExact({ kind, size, sizeSlack = 0 }: ListedEntry): boolean {
  return kind !== "file" || (size !== undefined && sizeSlack === 0);
}

function listProblem(path: ByteString, message: string): ProblemEvent {
  const said = fromText(message);
  return {
    type: "problem",
    path,
    role: "source",
    operation: "list",
    errno: 0,
    message: said,
    exit: 23,
  };
}
