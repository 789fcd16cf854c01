// The orders for one directory: what diff decided about every entry of the source listing. This is
// the narrow waist of manifold in its uncut form: columns beside a listing, index for index, so
// that the many entries that need nothing cost two array writes and no object.

/** What is to be done about one entry. */
export const order = {
  /** The target has it already. */
  none: 0,
  /** Left alone on the user's wish (--existing, --update, sizes, unsafe link, type not wanted). */
  skip: 1,
  /** The target has nothing of that name. */
  add: 2,
  /** The target has something of another type, which makes way. */
  replace: 3,
  /** The content (link target, device number) differs. */
  change: 4,
  /** Only attributes differ. */
  meta: 5,
  /** Sizes agree, contents must be compared (--checksum); becomes one of the others. */
  compare: 6,
} as const;

/** Orders of one directory, index for index with its source listing. */
export class Orders {
  count = 0;
  /** Values of `order`. */
  kind: Uint8Array = new Uint8Array(0);
  /** Bits of tree/itemize.ts. */
  changes: Uint32Array = new Uint32Array(0);
  /** Index in the target listing, -1 where the target has nothing of that name. */
  target: Int32Array = new Int32Array(0);

  /** Empties the orders for `count` entries; contents are undefined until written. */
  reset(count: number): void {
    this.count = count;
    if (this.kind.length >= count) return;
    const capacity = Math.max(count, this.kind.length * 2, 256);
    this.kind = new Uint8Array(capacity);
    this.changes = new Uint32Array(capacity);
    this.target = new Int32Array(capacity);
  }

  /** Returns a copy in one SharedArrayBuffer that can be posted to any thread. */
  freeze(): FrozenOrders {
    return this.freezeFrom(0);
  }

  /** The same for the orders from `first` on. */
  freezeFrom(first: number): FrozenOrders {
    const count = this.count - first;
    const frozen = { buffer: new SharedArrayBuffer(count * 9), count };
    const copy = Orders.thaw(frozen);
    copy.changes.set(this.changes.subarray(first, this.count));
    copy.target.set(this.target.subarray(first, this.count));
    copy.kind.set(this.kind.subarray(first, this.count));
    return frozen;
  }

  /** Returns Orders over a frozen buffer, without copying. */
  static thaw(frozen: FrozenOrders): Orders {
    const orders = new Orders();
    const { buffer, count } = frozen;
    orders.count = count;
    orders.changes = new Uint32Array(buffer, 0, count);
    orders.target = new Int32Array(buffer, count * 4, count);
    orders.kind = new Uint8Array(buffer, count * 8, count);
    return orders;
  }
}

/** Orders as they travel between threads. */
export interface FrozenOrders {
  readonly buffer: SharedArrayBuffer;
  readonly count: number;
}
