// What a changeset or listing does, added up for each directory: for people who look before they
// apply. Holds a few numbers for each directory that has something.

import type { ByteString } from "../base/index.ts";
import { isRegular } from "../tree/index.ts";
import { type OrderedDirectory, orderKind } from "./ordered-directory.ts";
import { compareDirectories, selfName } from "./paths.ts";
import type { ChangesetRecord } from "./record.ts";

/** Counts of one directory, without what is below its subdirectories. */
export interface DirectorySummary {
  readonly path: ByteString;
  /** Entries of a listing; 0 in a changeset. */
  entries: number;
  add: number;
  change: number;
  move: number;
  link: number;
  meta: number;
  del: number;
  /** Bytes of the files that are listed, made or given new content. */
  bytes: number;
  /** Those of them that begin from another file (MOVE). */
  movedBytes: number;
}

const countOfKind = ["entries", "add", "change", "move", "link", "meta", "del"] as const;

/** Adds up records. */
export class Summary {
  readonly #directories = new Map<ByteString, DirectorySummary>();

  /** Takes the next record. */
  add(record: ChangesetRecord): void {
    if (record.type === "listing") {
      const { columns, path } = record.listing;
      const summary = this.#of(path);
      for (let i = 0; i < columns.count; i++) {
        if (i === 0 && columns.name(0) === selfName) continue;
        summary.entries++;
        if (isRegular(columns.mode[i] as number)) summary.bytes += columns.size[i] as number;
      }
    } else if (record.type === "directory" || record.type === "late" || record.type === "closing") {
      this.#addOrders(record.orders, record.type === "closing");
    }
  }

  /** Returns the directories in listing order, those without orders left out. */
  directories(): readonly DirectorySummary[] {
    return [...this.#directories.values()].sort((a, b) => compareDirectories(a.path, b.path));
  }

  #addOrders(orders: OrderedDirectory, isClosing: boolean): void {
    const { columns } = orders.after;
    for (let i = 0; i < orders.count; i++) {
      if (isClosing && i === 0 && orders.name(0) === selfName) continue;
      const summary = this.#of(orders.path);
      const kind = orders.kind[i] as number;
      const name = countOfKind[kind];
      if (name !== undefined) summary[name]++;
      if (kind <= orderKind.move && isRegular(columns.mode[i] as number)) {
        const size = columns.size[i] as number;
        summary.bytes += size;
        if (kind === orderKind.move) summary.movedBytes += size;
      }
    }
  }

  #of(path: ByteString): DirectorySummary {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const summary = {
      path,
      entries: 0,
      add: 0,
      change: 0,
      move: 0,
      link: 0,
      meta: 0,
      del: 0,
      bytes: 0,
      movedBytes: 0,
    };
    this.#directories.set(path, summary);
    return summary;
  }
}
