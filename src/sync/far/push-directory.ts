// A directory of the source whose target is reached by rsync's protocol: what wishes for its files need, and which indices its
// entries have.

import type { ByteString } from "../../base/index.ts";
import type { WireEntry } from "../../rsync/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { KeptDirectory } from "./content-server.ts";

/** What became of a subdirectory: it has come, or there is nothing inside of it; undefined = nobody knows yet. */
export type PushedChild = PushDirectory | "closed" | undefined;

/** Such a directory. */
export class PushDirectory {
  /** Its number with the conductor. */
  readonly node: number;
  readonly path: ByteString;
  readonly kept: KeptDirectory;
  readonly columns: Directory;
  /** The entry "." stands ahead of the others. */
  readonly self: Directory | undefined;
  /** Rows up to the first directory. */
  readonly files: number;
  readonly children: PushedChild[];
  /** Rows ahead of which stands an entry that is missing: it has an index, and nobody asks about it. */
  readonly gaps: readonly number[];
  /** Its list, until it is sent. */
  entries: readonly WireEntry[] | undefined;
  /** Something in it could not be read. */
  readonly errors: number;
  /** The number of its first subdirectory among all directories. */
  firstNumber = 0;

  constructor(
    kept: KeptDirectory,
    columns: Directory,
    self: Directory | undefined,
    {
      node,
      errors,
      absent,
    }: {
      readonly node: number;
      readonly errors: number;
      readonly absent: readonly ByteString[];
    },
  ) {
    this.node = node;
    this.path = kept.path;
    this.kept = kept;
    this.columns = columns;
    this.self = self;
    this.errors = errors;
    let files = columns.count;
    while (files > 0 && columns.isDirectory(files - 1)) files--;
    this.files = files;
    this.gaps = absent.map((name) => rowBehind(columns, files, name)).sort((a, b) => a - b);
    this.children = new Array<PushedChild>(columns.count - files).fill(undefined);
  }
}

/** Returns the first of the files that comes behind a name. */
function rowBehind(columns: Directory, files: number, name: ByteString): number {
  let row = 0;
  while (row < files && columns.name(row) < name) row++;
  return row;
}

/** An entry by its index: a row of a directory, or (-1) the directory that is the top itself. */
export interface PushedRow {
  readonly directory: PushDirectory;
  readonly row: number;
}

interface IndexRange {
  readonly start: number;
  readonly count: number;
  readonly directory: PushDirectory;
  readonly row: number;
}

/** Finds entries by index. */
export class PushIndices {
  #ranges: IndexRange[] = [];

  /** The next `count` indices, from `start` on, are rows of a directory from `row` on. */
  add(start: number, count: number, directory: PushDirectory, row: number): void {
    if (count > 0) this.#ranges.push({ start, count, directory, row });
  }

  /** The next indices are a directory's first `rows` rows, and what is missing among them; returns the one behind them. */
  addRows(start: number, rows: number, directory: PushDirectory): number {
    let [next, row] = [start, 0];
    for (const gap of directory.gaps) {
      this.add(next, gap - row, directory, row);
      next += gap - row + 1;
      row = gap;
    }
    this.add(next, rows - row, directory, row);
    return next + rows - row;
  }

  /** Indices below this one are not asked about any more. */
  forget(below: number): void {
    let gone = 0;
    for (const { start, count } of this.#ranges) {
      if (start + count > below) break;
      gone++;
    }
    if (gone > 0) this.#ranges.splice(0, gone);
  }

  /** Returns the entry; undefined = nobody has that index. */
  find(index: number): PushedRow | undefined {
    let [low, high] = [0, this.#ranges.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const { start, count, directory, row } = this.#ranges[middle] as IndexRange;
      if (index < start) high = middle - 1;
      else if (index >= start + count) low = middle + 1;
      else return { directory, row: row + index - start };
    }
    return undefined;
  }
}
