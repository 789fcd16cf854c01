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
  /** Says whether the entry at `at` is to stay; undefined = each that can be found. */
  readonly keeps?: (words: Uint32Array, at: number) => boolean;
}

/** Returns how many entries stay. Entries that others append meanwhile are lost. Throws FsError. */
export function compactDigests(path: ByteString, compaction: Compaction): number {
  const file = openKeptFile(path, false);
  if (file === undefined) return 0;
  try {
    const head = readHead(file);
    if (head === undefined) return 0;
    const end = Math.floor(file.size / entryBytes);
    const range = { descriptor: file.descriptor, first: head.first, end };
    const index = loadIndex(range, compaction.today);
    const kept = { entries: 0 };
    writeKeptFile(path, pieces(encodeHead(head.root), range, index, compaction, kept), {
      replaces: true,
      wallTime: compaction.wallTime,
    });
    return kept.entries;
  } finally {
    closeKeptFile(file);
  }
}

function* pieces(
  head: Uint8Array,
  range: EntryRange,
  index: EntryIndex,
  { keeps }: Compaction,
  kept: { entries: number },
): Generator<Uint8Array> {
  yield head;
  for (const { words, first, count } of readEntries(range)) {
    let used = 0;
    for (let i = 0; i < count; i++) {
      const at = i * entryWords;
      const isLast = index.find(printAt(words, at)) === first + i;
      if (!isLast || !isSealed(words, at) || keeps?.(words, at) === false) continue;
      words.copyWithin(used, at, at + entryWords);
      used += entryWords;
    }
    kept.entries += used / entryWords;
    yield new Uint8Array(words.buffer, 0, used * 4);
  }
}
