// Writes a cache file anew with those of its entries that can still be found, in the order in which they stand: what
// was remembered together is asked for together.

import type { ByteString } from "../base/index.ts";
import { closeKeptFile, openKeptFile, writeKeptFile } from "../fs/index.ts";
import { entryBytes, entryWords, isSealed } from "./entry.ts";
import type { EntryIndex } from "./entry-index.ts";
import { encodeHead, readHead } from "./file-head.ts";
import { type EntryRange, loadIndex, printAt, readEntries } from "./load-index.ts";

/** What compacting goes by. */
export interface Compaction {
  readonly today: number;
  /** Milliseconds since 1970. */
  readonly wallTime: number;
}

/** Writes it. Entries that others append meanwhile are lost. Throws FsError. */
export function compactDigests(path: ByteString, compaction: Compaction): void {
  const file = openKeptFile(path, false);
  if (file === undefined) return;
  try {
    const head = readHead(file);
    if (head === undefined) return;
    const end = Math.floor(file.size / entryBytes);
    const range = { descriptor: file.descriptor, first: head.first, end };
    const index = loadIndex(range, compaction.today);
    const { wallTime } = compaction;
    const made = { replaces: true, wallTime };
    writeKeptFile(path, pieces(encodeHead(head.root), range, index), made);
  } finally {
    closeKeptFile(file);
  }
}

function* pieces(head: Uint8Array, range: EntryRange, index: EntryIndex): Generator<Uint8Array> {
  yield head;
  for (const { words, first, count } of readEntries(range)) {
    let used = 0;
    for (let i = 0; i < count; i++) {
      const at = i * entryWords;
      const isLast = index.find(printAt(words, at)) === first + i;
      if (!isLast || !isSealed(words, at)) continue;
      words.copyWithin(used, at, at + entryWords);
      used += entryWords;
    }
    yield new Uint8Array(words.buffer, 0, used * 4);
  }
}
