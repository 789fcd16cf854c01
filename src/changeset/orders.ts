// The orders for one directory: what diff decided about every entry of the source listing. This is
// the narrow waist of manifold in its uncut form: columns beside a listing, index for index, so
// that the many entries that need nothing cost two array writes and no object.

/** What is to be done about one entry. */
export const order = {
  /** The target has it already. */
  none: 0,
  /**
   * Left alone on the user's wish (--existing, --update, sizes, unsafe link, type not wanted). For --update and
   * --append `changes` has the bit upToDate: it may still become a link of another name.
   */
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
  /** The target has nothing of that name, a basis directory has its equal: becomes a hard link of that (--link-dest). */
  linkBasis: 7,
  /** The same, but only its content is equal: a copy of that, with the source's attributes (--copy-dest and kin). */
  copyBasis: 8,
  /** The target has it, but shall not, as a basis directory has its equal (--compare-dest). */
  drop: 9,
  /** Dealt with apart from the others, later: what it is, that listing says. */
  late: 10,
} as const;

/** Says whether carrying out an order of this kind can take as long as the entry is large. */
export function movesContent(kind: number): boolean {
  return (
    kind === order.add ||
    kind === order.replace ||
    kind === order.change ||
    kind === order.copyBasis
  );
}

/** Orders of one directory, index for index with its source listing. */
export class Orders {
  count = 0;
  /** Values of `order`. */
  kind: Uint8Array = new Uint8Array(0);
  /** Bits of tree/itemize.ts. */
  changes: Uint32Array = new Uint32Array(0);
  /** Index in the target listing, -1 where the target has nothing of that name. */
  target: Int32Array = new Int32Array(0);
  /** 1 + the index of the basis directory that the order is about, 0 = none; written only where there are any. */
  basis: Uint8Array = new Uint8Array(0);

  /** Empties the orders for `count` entries; contents are undefined until written. */
  reset(count: number): void {
    this.count = count;
    if (this.kind.length >= count) return;
    const capacity = Math.max(count, this.kind.length * 2, 256);
    this.kind = new Uint8Array(capacity);
    this.changes = new Uint32Array(capacity);
    this.target = new Int32Array(capacity);
    this.basis = new Uint8Array(capacity);
  }

  /** Returns a copy in one SharedArrayBuffer that can be posted to any thread. */
  freeze(): FrozenOrders {
    return this.freezeFrom(0);
  }

  /** The same for the orders from `first` on. */
  freezeFrom(first: number): FrozenOrders {
    const count = this.count - first;
    const frozen = { buffer: new SharedArrayBuffer(count * 10), count };
    const copy = Orders.thaw(frozen);
    copy.changes.set(this.changes.subarray(first, this.count));
    copy.target.set(this.target.subarray(first, this.count));
    copy.kind.set(this.kind.subarray(first, this.count));
    copy.basis.set(this.basis.subarray(first, this.count));
    return frozen;
  }

  /** The same for the orders `rows`, in that order; returned with a view that can still be written to. */
  freezeRows(rows: Uint32Array): { readonly frozen: FrozenOrders; readonly orders: Orders } {
    const count = rows.length;
    const frozen = { buffer: new SharedArrayBuffer(count * 10), count };
    const orders = Orders.thaw(frozen);
    for (let k = 0; k < count; k++) {
      const row = rows[k] as number;
      orders.changes[k] = this.changes[row] as number;
      orders.target[k] = this.target[row] as number;
      orders.kind[k] = this.kind[row] as number;
      orders.basis[k] = this.basis[row] as number;
    }
    return { frozen, orders };
  }

  /** Returns Orders over a frozen buffer, without copying. */
  static thaw(frozen: FrozenOrders): Orders {
    const orders = new Orders();
    const { buffer, count } = frozen;
    orders.count = count;
    orders.changes = new Uint32Array(buffer, 0, count);
    orders.target = new Int32Array(buffer, count * 4, count);
    orders.kind = new Uint8Array(buffer, count * 8, count);
    orders.basis = new Uint8Array(buffer, count * 9, count);
    return orders;
  }
}

/** Orders as they travel between threads. */
export interface FrozenOrders {
  readonly buffer: SharedArrayBuffer;
  readonly count: number;
}
