// Large files on their way from several processes: what a lane reads of one lies in the folder of the job, where everybody writes it.

import type { ByteString } from "../../base/index.ts";
import type { ListedEntry } from "../../source/index.ts";
import type { PartOpener, PartStore } from "../mirror/part-store.ts";
import type { JobFolder } from "./job-folder.ts";
import { type OrderRecord, orderOf } from "./order-record.ts";

/** Whoever orders them. */
export interface PartHost {
  /** Gives the order of a file a key. */
  keyOf(what: string): string;
  /** Nobody needs an order's content any more. */
  close(order: OrderRecord): void;
  /** The folder cannot be read. */
  failed(error: unknown): void;
}

/** Opens them. */
export class SharedParts implements PartOpener {
  readonly #folder: JobFolder;
  readonly #host: PartHost;

  constructor(folder: JobFolder, host: PartHost) {
    this.#folder = folder;
    this.#host = host;
  }

  async open(path: ByteString, entry: ListedEntry): Promise<SharedPart> {
    const order = orderOf([orderedFile(path, entry)], (what) => this.#host.keyOf(what));
    return new SharedPart(this.#folder, order, this.#host);
  }
}

/** One file. */
export class SharedPart implements PartStore {
  readonly kept = [];
  readonly order: OrderRecord;
  readonly #folder: JobFolder;
  readonly #host: Pick<PartHost, "close" | "failed">;

  constructor(folder: JobFolder, order: OrderRecord, host: Pick<PartHost, "close" | "failed">) {
    this.#folder = folder;
    this.order = order;
    this.#host = host;
  }

  write(): void {
    // Whoever has brought it has written it.
  }

  read(position: number, into: Uint8Array): boolean {
    try {
      return this.#folder.readContent(this.order.key, position, into);
    } catch (error) {
      this.#host.failed(error);
      return false;
    }
  }

  prove(): void {
    // Whoever has brought it has told so.
  }

  close(removes: boolean): void {
    if (removes) this.#host.close(this.order);
  }
}

/** Returns a file as orders have it. */
export function orderedFile(path: ByteString, entry: ListedEntry): OrderRecord["files"][number] {
  const { size = 0, mtime, mtimeNanos, digest, pieces } = entry;
  const isProven = digest !== undefined || pieces !== undefined;
  return { path, size, mtime, mtimeNanos: mtime === undefined ? undefined : mtimeNanos, isProven };
}
