// Large files on their way from several processes: what a lane reads of one lies in the folder of the job, where everybody writes it.

import type { ByteString } from "../../base/index.ts";
import type { ListedEntry } from "../../source/index.ts";
import type { PartOpener, PartStore } from "../mirror/part-store.ts";
import type { JobFolder } from "./job-folder.ts";
import { type OrderRecord, orderOf } from "./order-record.ts";

/** Opens them. */
export class SharedParts implements PartOpener {
  readonly #folder: JobFolder;
  readonly #closed: (order: OrderRecord) => void;

  /** `closed`: nobody needs its content any more. */
  constructor(folder: JobFolder, closed: (order: OrderRecord) => void) {
    this.#folder = folder;
    this.#closed = closed;
  }

  async open(path: ByteString, entry: ListedEntry): Promise<SharedPart> {
    return new SharedPart(this.#folder, orderFor(path, entry), this.#closed);
  }
}

/** One file. */
export class SharedPart implements PartStore {
  readonly kept = [];
  readonly order: OrderRecord;
  readonly #folder: JobFolder;
  readonly #closed: (order: OrderRecord) => void;

  constructor(folder: JobFolder, order: OrderRecord, closed: (order: OrderRecord) => void) {
    this.#folder = folder;
    this.order = order;
    this.#closed = closed;
  }

  write(): void {
    // Whoever has brought it has written it.
  }

  read(position: number, into: Uint8Array): void {
    this.#folder.readContent(this.order.key, position, into);
  }

  prove(): void {
    // Whoever has brought it has told so.
  }

  close(removes: boolean): void {
    if (removes) this.#closed(this.order);
  }
}

/** Returns the order of one file. */
export function orderFor(path: ByteString, entry: ListedEntry): OrderRecord {
  return orderOf([orderedFile(path, entry)]);
}

/** Returns a file as orders have it. */
export function orderedFile(path: ByteString, entry: ListedEntry): OrderRecord["files"][number] {
  const { size = 0, mtime, mtimeNanos, digest, pieces } = entry;
  const isProven = digest !== undefined || pieces !== undefined;
  return { path, size, mtime, mtimeNanos: mtime === undefined ? undefined : mtimeNanos, isProven };
}
