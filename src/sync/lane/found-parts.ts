// Parts of a file that comes from another machine, read from files of the target that have the same chunks.

import { assert, ManifoldError } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import type { HeldParts } from "../../session/index.ts";
import { type FoundParts, partFields } from "../tasks/content-index-tasks.ts";
import { closeFound, type FoundFile, type FoundLane, openFound } from "./found-file.ts";
import { type HeldBytes, PartsChanged } from "./held-bytes.ts";

/** Files that are open at the same time. */
const openMax = 8;

/** Returns what the other end is told of parts. */
export function heldParts({ parts }: FoundParts): HeldParts {
  const held: number[] = [];
  let end = -1;
  for (let at = 0; at < parts.length; at += partFields) {
    const [position, length] = [parts[at] as number, parts[at + 1] as number];
    if (position === end) held[held.length - 1] = (held[held.length - 1] as number) + length;
    else held.push(position, length);
    end = position + length;
  }
  return held;
}

/** The parts of one file. */
export class PartsReader implements HeldBytes {
  readonly #lane: FoundLane;
  readonly #found: FoundParts;
  readonly #open = new Map<number, FoundFile>();

  constructor(lane: FoundLane, found: FoundParts) {
    this.#lane = lane;
    this.#found = found;
  }

  read(into: Uint8Array, position: number): void {
    const { parts } = this.#found;
    let at = this.#partAt(position);
    for (let done = 0; done < into.length; at += partFields) {
      const wanted = position + done;
      const begin = parts[at] ?? Number.POSITIVE_INFINITY;
      const end = begin + (parts[at + 1] ?? 0);
      if (wanted < begin || wanted >= end) {
        throw new ManifoldError("protocol-data", "The other end left out what it was to send");
      }
      const length = Math.min(end, position + into.length) - wanted;
      const offset = (parts[at + 3] as number) + wanted - begin;
      this.#fill(into.subarray(done, done + length), parts[at + 2] as number, offset);
      done += length;
    }
  }

  proven(bytes: number): void {
    this.#lane.count("indexFound", bytes);
  }

  close(): void {
    for (const found of this.#open.values()) closeFound(this.#lane, found);
    this.#open.clear();
  }

  /** Returns where the last part begins that begins at or before a position. */
  #partAt(position: number): number {
    const { parts } = this.#found;
    let [low, high] = [0, parts.length / partFields];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((parts[middle * partFields] as number) <= position) low = middle;
      else high = middle;
    }
    return low * partFields;
  }

  #fill(into: Uint8Array, number: number, offset: number): void {
    const { fs } = this.#lane;
    const { file } = this.#fileOf(number);
    try {
      for (let done = 0; done < into.length; ) {
        const got = fs.read(file, into, done, into.length - done, offset + done);
        if (got === 0) throw new PartsChanged();
        done += got;
      }
    } catch (error) {
      if (error instanceof FsError) throw new PartsChanged();
      throw error;
    }
  }

  #fileOf(number: number): FoundFile {
    const known = this.#open.get(number);
    if (known !== undefined) return known;
    const [oldest] = this.#open;
    if (oldest !== undefined && this.#open.size >= openMax) {
      this.#open.delete(oldest[0]);
      closeFound(this.#lane, oldest[1]);
    }
    const basis = this.#found.files[number];
    assert(basis !== undefined, "A part is of one of the files that were found.");
    const found = openFound(this.#lane, basis);
    if (found === undefined) throw new PartsChanged();
    this.#open.set(number, found);
    return found;
  }
}
