// Content of new directories by rsync's protocol: where the target has nothing, the first small files of a directory are asked for
// as soon as its list has come, and go with it, as our own source's end sends them (docs/decisions/0118-asked-for-by-lists.md).

import type { ByteString } from "../../base/index.ts";
import { checksumBytes, type FileSink, type Puller, type WireEntry } from "../../rsync/index.ts";
import { encodeAhead, encodeContentStart, type Slabs } from "../../session/index.ts";
import { copyBytes } from "../../transport/index.ts";
import { change, isDirectory, isRegular } from "../../tree/index.ts";
import type { FarDirectory } from "../conduct/far-ends.ts";
import { aheadBytesMax, aheadEntriesMax, streamBytesMin } from "../tasks/far-tasks.ts";
import type { PulledDirectory } from "./pulled-directory.ts";
import { flagsOf } from "./push-items.ts";

type Then = (ahead: FarDirectory["ahead"]) => void;

/** Memory of content that was asked for and is not written yet. Twice that measured no faster, and took 50 MB more. */
const aheadRoomMax = 8 * 1024 * 1024;
/** What stands ahead of checksums and bytes in a message, at most. */
const headBytes = 64;
const nothing = new Uint8Array(0);

/** Asks, within a window. */
export class RsyncAhead {
  readonly #puller: () => Puller;
  readonly #slabs: Slabs;
  /** Directories that have not been asked about yet, in the order of their lists. */
  readonly #waiting = new Map<ByteString, () => void>();
  readonly #asked = new Map<number, FileSink & { lost(): void }>();
  #outBytes = 0;

  constructor(puller: () => Puller, slabs: Slabs) {
    this.#puller = puller;
    this.#slabs = slabs;
  }

  /** Asks for what may go with a directory when there is room; calls `then` when that has come, at once if it is nothing. */
  fetch(directory: PulledDirectory, then: Then): void {
    const { rows, to, bytes } = firstFiles(directory.entries);
    if (rows.length === 0) {
      then(undefined);
      return;
    }
    this.#waiting.set(directory.path, () => {
      this.#request(directory, { rows, to, bytes }, (content) => {
        const applied = (): void => {
          this.#outBytes -= content.buffer.byteLength;
          this.#slabs.give(content);
          this.#goOn();
        };
        then({ content, applied });
      });
    });
    this.#goOn();
  }

  /** A directory is waited for: it is asked about whether there is room or not. */
  hurry(path: ByteString): void {
    const ask = this.#waiting.get(path);
    this.#waiting.delete(path);
    ask?.();
  }

  #goOn(): void {
    for (const path of this.#waiting.keys()) {
      if (this.#outBytes >= aheadRoomMax) return;
      this.hurry(path);
    }
  }

  #request(
    { entries, indices }: PulledDirectory,
    { rows, to, bytes }: FirstFiles,
    then: (content: Uint8Array) => void,
  ): void {
    const { out, terms } = this.#puller();
    const sumBytes = checksumBytes(terms.checksums.name);
    const start = headBytes + rows.length * sumBytes;
    const room = this.#slabs.take(start + bytes);
    // What lies there unused counts, too.
    this.#outBytes += room.buffer.byteLength;
    const sums = new Uint8Array(rows.length * sumBytes);
    let left = rows.length;
    // Whatever stands behind a file that is not as it was listed is asked for as ever.
    let good = rows.length;
    const came = (): void => {
      if (--left > 0) return;
      const reached = good < rows.length ? (rows[good] as number) : to;
      const end = rows.slice(0, good).reduce((sum, row) => sum + sizeOf(entries, row), start);
      const records = encodeAhead(reached, sums.subarray(0, good * sumBytes));
      const head = encodeContentStart({ digest: nothing, records }, end - start);
      room.set(head, start - head.length);
      const content = room.subarray(start - head.length, end);
      // Never from within the reading of what comes.
      setImmediate(() => then(content));
    };
    const flags = flagsOf(change.created, false);
    let at = start;
    for (const [place, row] of rows.entries()) {
      const [from, size] = [at, sizeOf(entries, row)];
      at += size;
      let used = 0;
      const fail = (): void => {
        good = Math.min(good, place);
      };
      this.#asked.set(indices[row] as number, {
        literal: (part) => {
          if (used + part.length <= size) copyBytes(room, from + used, part, 0, part.length);
          used += part.length;
        },
        block: fail,
        end: (sum) => {
          if (used !== size) fail();
          sums.set(sum, place * sumBytes);
          came();
        },
        lost: () => {
          fail();
          came();
        },
      });
      out.request(indices[row] as number, flags, undefined);
    }
  }

  /** A file comes that may have been asked for here; undefined = it was not. */
  answer(index: number): FileSink | undefined {
    const sink = this.#asked.get(index);
    this.#asked.delete(index);
    return sink;
  }

  /** A file does not come; says whether it was asked for here. */
  noSend(index: number): boolean {
    const sink = this.#asked.get(index);
    this.#asked.delete(index);
    sink?.lost();
    return sink !== undefined;
  }
}

/** Files that may go with a directory. */
interface FirstFiles {
  /** Those that have bytes, ascending. */
  readonly rows: readonly number[];
  /** All regular files before this row are among them, or empty. */
  readonly to: number;
  readonly bytes: number;
}

function firstFiles(entries: readonly WireEntry[]): FirstFiles {
  const rows: number[] = [];
  let bytes = 0;
  const most = Math.min(entries.length, aheadEntriesMax);
  for (let row = 0; row < most; row++) {
    const { mode, size, firstLink } = entries[row] as WireEntry;
    // Names of one file have their turn, and large files come in pieces.
    if (isDirectory(mode) || firstLink !== undefined) return { rows, to: row, bytes };
    if (!isRegular(mode) || size === 0) continue;
    if (size >= streamBytesMin || bytes + size > aheadBytesMax) return { rows, to: row, bytes };
    bytes += size;
    rows.push(row);
  }
  return { rows, to: most, bytes };
}

function sizeOf(entries: readonly WireEntry[], row: number): number {
  return (entries[row] as WireEntry).size;
}
