// Orders that are known before their turn: encoded into a store, and written from there. Whoever
// compares two trees knows the deletions of a directory when it is met, and writes them at the end.

import type { ByteStore } from "./byte-store.ts";
import { CborCursor } from "./cbor/cursor.ts";
import { CborWriter } from "./cbor/writer.ts";
import type { Section } from "./order-codec.ts";
import { OrderedDirectory, orderKind } from "./ordered-directory.ts";
import { decodeOrderBody, encodeOrders } from "./orders-codec.ts";
import type { ChangesetWriter } from "./writer.ts";

/** Bodies in a store, by number. */
export class OrderSpool {
  readonly #store: ByteStore;
  readonly #section: Section;
  readonly #places: number[] = [];
  readonly #body = new CborWriter();
  readonly #orders = new OrderedDirectory();
  readonly #cursor = new CborCursor();

  constructor(store: ByteStore, section: Section) {
    this.#store = store;
    this.#section = section;
  }

  /** Keeps the orders and returns the numbers of their bodies: from the first up to, not including, the second. */
  put(orders: OrderedDirectory): readonly [from: number, to: number] {
    const first = this.#places.length / 2;
    let from = 0;
    do {
      this.#body.clear();
      from = encodeOrders(this.#body, orders, from);
      this.#places.push(this.#store.append(this.#body.written), this.#body.length);
    } while (from < orders.count);
    return [first, this.#places.length / 2];
  }

  /** Bodies that were put. */
  get count(): number {
    return this.#places.length / 2;
  }

  /** Returns the orders of a body, valid until the next call of anything here. */
  read(n: number): OrderedDirectory {
    const [position, length] = [this.#places[2 * n] as number, this.#places[2 * n + 1] as number];
    const body = this.#store.read(position, length);
    this.#cursor.open(body, 0, body.length, 0);
    decodeOrderBody(this.#cursor, this.#section, this.#orders, () => undefined);
    return this.#orders;
  }

  /**
   * Writes bodies from the first up to the second number; `keeps` says which of their orders, and `amend` may add to
   * them.
   */
  write(
    writer: ChangesetWriter,
    from: number,
    to: number,
    keeps: "all" | "no deletions" = "all",
    amend?: (orders: OrderedDirectory) => void,
  ): void {
    for (let n = from; n < to; n++) {
      this.read(n);
      if (keeps !== "all") this.#orders.truncate(firstDeletion(this.#orders));
      amend?.(this.#orders);
      for (let row = 0; row < this.#orders.count; ) {
        row = writer.orders(this.#section, this.#orders, row);
      }
    }
  }
}

/** A directory's own attributes stand before its deletions. */
function firstDeletion(orders: OrderedDirectory): number {
  return orders.count > 0 && orders.kind[0] !== orderKind.del ? 1 : 0;
}
