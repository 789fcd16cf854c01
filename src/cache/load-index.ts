// Reads a cache file from its beginning to its end, once, and remembers where entries are. What is wrong with an entry
// is found out when it is looked up.

import { readKeptFile } from "../fs/index.ts";
import { dayWord, entryBytes, entryWords, inodePrint, isInDate } from "./entry.ts";
import { EntryIndex, entriesMax } from "./entry-index.ts";

/** A quarter of a second-level cache. */
const entriesAtOnce = 4096;

/** Entries of an open file. */
export interface EntryRange {
  readonly descriptor: number;
  /** The numbers of the first one, and of the one behind the last. */
  readonly first: number;
  readonly end: number;
}

/** Yields pieces of the range: words, the number of the first entry there, and how many they are. They are valid until the next ones. */
export function* readEntries({
  descriptor,
  first,
  end,
}: EntryRange): Generator<{ words: Uint32Array; first: number; count: number }> {
  const bytes = new Uint8Array(entriesAtOnce * entryBytes);
  const words = new Uint32Array(bytes.buffer);
  for (let number = first; number < end; number += entriesAtOnce) {
    const wanted = Math.min(entriesAtOnce, end - number) * entryBytes;
    const length = readKeptFile(descriptor, bytes, wanted, number * entryBytes);
    yield { words, first: number, count: Math.floor(length / entryBytes) };
    if (length < wanted) return;
  }
}

/** The print of the inode of the entry at `at`. */
export function printAt(words: Uint32Array, at: number): number {
  return inodePrint(words[at] as number, words[at + 1] as number, words[at + 2] as number);
}

/** Returns the index of the entries that are in date; of too many those that were written last. */
export function loadIndex(range: EntryRange, today: number): EntryIndex {
  const first = Math.max(range.first, range.end - entriesMax);
  const index = new EntryIndex(Math.max(range.end - first, 0));
  for (const { words, first: number, count } of readEntries({ ...range, first })) {
    for (let i = 0; i < count; i++) {
      const print = printAt(words, i * entryWords);
      if (isInDate(words[i * entryWords + dayWord] as number, today, print)) {
        index.add(print, number + i);
      }
    }
  }
  return index;
}
