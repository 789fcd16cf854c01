// Directories of a pull by rsync's protocol, between the coming of their list and the moment at which the conductor wants them or
// lets go of them; and the lists that they came in, which are done with in their order.

import { assert, type ByteString } from "../../base/index.ts";
import { isDirectory } from "../../tree/index.ts";
import type { FarListing } from "../conduct/far-ends.ts";
import type { BelowRecord } from "../tasks/far-tasks.ts";
import { type PulledDirectory, PulledParts } from "./pulled-directory.ts";
import type { RsyncAhead } from "./rsync-ahead.ts";
import { SkippedPaths } from "./skipped-paths.ts";
import { surveyedBelowMax } from "./windows.ts";

type Then = (listing: FarListing) => void;

/** What is asked of whoever knows what they are. */
export interface PulledContext {
  /** Returns what a lane reads of a directory. */
  record(directory: PulledDirectory): Uint8Array;
  /** A directory was named whose entries may be still to come. */
  isNamed(path: ByteString): boolean;
  /** Nothing more is wanted of the oldest list. */
  done(): void;
}

/** Such directories. */
export class PulledDirectories {
  readonly #context: PulledContext;
  readonly parts: PulledParts;
  /** A walk before the real one: everything will be wanted once more. */
  isLooking = false;
  /** Nothing is wanted any more. */
  isQuiet = false;
  /** Content that is asked for as lists come; undefined = none is. */
  ahead: RsyncAhead | undefined;
  /** Directories of which something is still to come, by path. */
  readonly #incomplete = new Set<ByteString>();
  /** Those that have come, by path until they are wanted, by number until they are released. */
  readonly #arrived = new Map<ByteString, PulledDirectory>();
  readonly #known = new Map<number, PulledDirectory>();
  readonly #awaited = new Map<ByteString, Then>();
  readonly #skipped = new SkippedPaths();

  constructor(context: PulledContext) {
    this.#context = context;
    this.parts = new PulledParts(() => context.done());
  }

  /** Asks for content of what has come and of what will come. */
  askAhead(ahead: RsyncAhead): void {
    this.ahead = ahead;
    const arrived = [...this.#arrived.values()];
    this.#arrived.clear();
    for (const directory of arrived) this.complete(directory);
  }

  /** A directory has been listed; something of it is still to come. */
  begin({ path }: PulledDirectory): void {
    this.#incomplete.add(path);
  }

  /** All of a directory has come, but for content that is to come with it. */
  complete(directory: PulledDirectory): void {
    const { path } = directory;
    if (this.ahead === undefined || this.#skipped.has(path)) {
      this.#arrive(directory);
      return;
    }
    this.#incomplete.add(path);
    this.ahead.fetch(directory, (ahead) => {
      directory.ahead = ahead;
      this.#arrive(directory);
    });
  }

  #arrive(directory: PulledDirectory): void {
    const { path } = directory;
    this.#incomplete.delete(path);
    if (this.isQuiet || this.#skipped.has(path)) {
      this.#leave(directory);
      return;
    }
    const then = this.#awaited.get(path);
    if (then === undefined || this.isLooking) this.#arrived.set(path, directory);
    if (then === undefined) return;
    this.#awaited.delete(path);
    then(this.#listingOf(directory));
  }

  /** There are no more lists. */
  listsEnd(): void {
    this.parts.hasAllLists = true;
    for (const [path, then] of this.#awaited) {
      if (this.#incomplete.has(path)) continue;
      this.#awaited.delete(path);
      setImmediate(() => then("closed"));
    }
    this.parts.goOn();
  }

  /** As FarSource's. */
  listing(path: ByteString, then: Then): void {
    const arrived = this.#arrived.get(path);
    if (arrived !== undefined) {
      if (!this.isLooking) this.#arrived.delete(path);
      const listing = this.#listingOf(arrived);
      setImmediate(() => then(listing));
    } else if (this.#isToCome(path)) {
      this.#awaited.set(path, then);
      this.ahead?.hurry(path);
    } else setImmediate(() => then("closed"));
  }

  #isToCome(path: ByteString): boolean {
    if (this.#incomplete.has(path)) return true;
    return this.#context.isNamed(path) && !this.parts.hasAllLists;
  }

  #listingOf(directory: PulledDirectory): FarListing {
    const { id, ahead } = directory;
    this.#known.set(id, directory);
    const record = directory.record ?? this.#context.record(directory);
    directory.record = undefined;
    return { directory: id, record, ahead };
  }

  /** As FarSource's. */
  below(id: number): readonly BelowRecord[] {
    const found: BelowRecord[] = [];
    const directory = this.#known.get(id);
    if (directory !== undefined) this.#addBelow(directory, found);
    return found;
  }

  /** What content came with is new, and nothing to go on with. */
  #addBelow({ id: parent, entries }: PulledDirectory, found: BelowRecord[]): void {
    let index = -1;
    for (const { mode, name } of entries) {
      if (!isDirectory(mode)) continue;
      index++;
      const arrived = this.#arrived.get(name);
      if (arrived === undefined || arrived.ahead !== undefined) continue;
      if (found.length >= surveyedBelowMax) return;
      arrived.record ??= this.#context.record(arrived);
      found.push({ directory: arrived.id, parent, index, record: arrived.record });
      this.#addBelow(arrived, found);
    }
  }

  /** As FarSource's. */
  surveyedBelow(read: readonly BelowRecord[], quiet: readonly BelowRecord[]): void {
    const ids = new Set(read.map(({ directory }) => directory));
    for (const [path, directory] of this.#arrived) {
      if (ids.size === 0) break;
      if (!ids.delete(directory.id)) continue;
      this.#arrived.delete(path);
      directory.record = undefined;
      this.#known.set(directory.id, directory);
    }
    for (const { directory } of quiet) this.release(directory);
  }

  /** Nothing below a path is of interest. */
  skip(path: ByteString): void {
    this.#skipped.add(path);
    for (const [at, directory] of this.#arrived) {
      if (!this.#skipped.has(at)) continue;
      this.#arrived.delete(at);
      this.#leave(directory);
    }
  }

  #leave(directory: PulledDirectory): void {
    directory.ahead?.applied();
    this.settle(directory);
  }

  /** Returns a directory that was handed over. */
  of(id: number): PulledDirectory {
    const directory = this.#known.get(id);
    assert(directory !== undefined, "A directory that is asked about has come.");
    return directory;
  }

  /** Everything in a directory is done. */
  release(id: number): void {
    const directory = this.#known.get(id);
    if (directory === undefined) return;
    this.settle(directory);
    if (!this.isLooking) this.#known.delete(id);
  }

  /** No content of a directory is wanted any more. */
  settle(directory: PulledDirectory): void {
    if (!this.isLooking) this.parts.settle(directory);
  }

  /** Nothing is wanted any more of what has come, nor of what comes. */
  settleAll(): void {
    for (const directory of this.#known.values()) this.settle(directory);
    for (const directory of this.#arrived.values()) this.settle(directory);
    this.isQuiet = true;
  }
}
