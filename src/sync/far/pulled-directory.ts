// Directories and lists of a pull by rsync's protocol, as far as they are not done with.

import type { ByteString } from "../../base/index.ts";
import type { WireEntry } from "../../rsync/index.ts";
import type { FarDirectory } from "../conduct/far-ends.ts";

/** A list of rsync's, as far as it is not done with. */
export interface PulledPart {
  /** Directories in it of which content may be wanted. */
  unsettled: number;
}

/** A directory whose entries have come. */
export interface PulledDirectory {
  readonly id: number;
  readonly path: ByteString;
  readonly part: PulledPart;
  /** The index of each row. */
  readonly indices: Uint32Array;
  /** Each row's size, as it was listed, and its time. */
  readonly entries: WireEntry[];
  /** Names that were asked for and are not there (--delete-missing-args). */
  readonly absent: readonly ByteString[];
  isSettled: boolean;
  /** What a lane reads of it, where it was made beforehand. */
  record?: Uint8Array | undefined;
  /** Content that came with it. */
  ahead?: FarDirectory["ahead"] | undefined;
}

/** What a list has of one directory. */
export interface ListedGroup {
  readonly entries: WireEntry[];
  readonly indices: number[];
  readonly absent: ByteString[];
}

/** Lists in their order. */
export class PulledParts {
  readonly #parts: PulledPart[] = [];
  readonly #done: () => void;
  /** There are no more lists. */
  hasAllLists = false;

  /** `done`: nothing more is wanted of the oldest list. */
  constructor(done: () => void) {
    this.#done = done;
  }

  /** A list has come. */
  add(part: PulledPart): void {
    this.#parts.push(part);
  }

  /** Nothing more is wanted of a directory. */
  settle(directory: PulledDirectory): void {
    if (directory.isSettled) return;
    directory.isSettled = true;
    directory.part.unsettled--;
    this.goOn();
  }

  /** Lists are done with in their order; the last one that has come may not be the last one yet. */
  goOn(): void {
    for (;;) {
      const [first] = this.#parts;
      const isLast = this.#parts.length === 1 && !this.hasAllLists;
      if (first === undefined || first.unsettled > 0 || isLast) return;
      this.#parts.shift();
      this.#done();
    }
  }
}

/** Absolute arguments of --relative come with their slash, by which they were sorted. */
export function withoutSlash(entry: WireEntry): WireEntry {
  if (!entry.name.startsWith("/")) return entry;
  return { ...entry, name: entry.name.replace(/^\/+/, "") || "." };
}

/** Returns the directory of a path, which most often is that of the path before it. */
export function parentBeside(path: ByteString, before: ByteString): ByteString {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return "";
  return slash === before.length && path.startsWith(before) ? before : path.slice(0, slash);
}
