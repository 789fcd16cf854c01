// Orders about entries whose place a directory still has: its contents are deleted at the end, and
// then they are carried out. Their content, if they have any, is staged and waits. Hard links to such
// entries wait, too.

import type { ByteString } from "../../base/index.ts";
import { copyState, OrderedDirectory } from "../../changeset/index.ts";
import type { TokenFile } from "../../pipeline/index.ts";

/** One order that waits. */
export interface DeferredOrder {
  /** A copy, in its first row. */
  readonly orders: OrderedDirectory;
  file: TokenFile | undefined;
  digest: Uint8Array | undefined;
}

/** All of them. */
export class DeferredOrders {
  #waiting: DeferredOrder[] = [];

  /** Copies row `row` and lets it wait. */
  add(orders: OrderedDirectory, row: number): DeferredOrder {
    const copy = new OrderedDirectory();
    copy.reset(orders.path);
    const { names, nameStart, nameLength } = orders.columns;
    const start = nameStart[row] as number;
    const kind = orders.kind[row] as number;
    copy.addRow(kind, names, start, start + (nameLength[row] as number));
    copyState(orders.before, row, copy.before, 0);
    copyState(orders.after, row, copy.after, 0);
    const basis = orders.bases.get(row);
    if (basis !== undefined) copy.bases.set(0, basis);
    const deferred = { orders: copy, file: undefined, digest: undefined };
    this.#waiting.push(deferred);
    return deferred;
  }

  /** Lets one that was taken wait on. */
  addAgain(deferred: DeferredOrder): void {
    this.#waiting.push(deferred);
  }

  /** Says whether something of a directory waits. */
  hasAny(path: ByteString): boolean {
    return this.#waiting.some(({ orders }) => orders.path === path);
  }

  /** Forgets one whose content did not come; its file is the caller's to let go. */
  drop(deferred: DeferredOrder): void {
    this.#waiting = this.#waiting.filter((other) => other !== deferred);
  }

  /** Takes those of a directory; undefined = all that are left. */
  take(path: ByteString | undefined): readonly DeferredOrder[] {
    if (this.#waiting.length === 0) return [];
    const isTaken = ({ orders }: DeferredOrder): boolean =>
      path === undefined || orders.path === path;
    const taken = this.#waiting.filter(isTaken);
    this.#waiting = this.#waiting.filter((deferred) => !isTaken(deferred));
    return taken;
  }
}
