// Which stretches of a verified changeset can be applied by several lanes at once: directories whose orders say
// nothing of other directories, and late orders about files. All others keep their place in the order of the file, and so do all of a
// changeset with hard links. It holds 20 bytes for each such directory.

import type { ByteString } from "../../base/index.ts";
import {
  type ChangesetRecord,
  isBelow,
  type OrderedDirectory,
  orderKind,
  selfName,
} from "../../changeset/index.ts";
import { isDirectory } from "../../tree/index.ts";

/** The parent of a stretch that is no directory of its own: everything before it is done first, and it before everything behind. */
export const inOrder = -2;
/** The parent of a directory that waits for nobody. */
export const noParent = -1;
/** What one entry costs, as bytes of content. */
const entryBytes = 65536;

/** Stretches by number, in the order of the file; each ends where the next begins. */
export class PartTable {
  count = 0;
  /** An entry names what another one is linked to: then nothing is done out of order. */
  hasLinks = false;
  /** Names of ids, which may be used before they are told. */
  readonly users = new Map<number, ByteString>();
  readonly groups = new Map<number, ByteString>();
  #offsets = new Float64Array(64);
  #costs = new Float64Array(64);
  #parents = new Int32Array(64);
  /** The late section has begun. */
  #isLate = false;
  /** The directories on the way to the last one that have stretches of their own. */
  readonly #open: { readonly path: ByteString; readonly part: number }[] = [];

  /** Takes the next record. */
  take(record: ChangesetRecord): void {
    const { offset } = record.place;
    if (record.type === "directory") this.#directory(record.orders, record.isContinued, offset);
    else if (record.type === "late") this.#late(record.orders, record.isContinued, offset);
    else if (record.type === "closing") {
      this.#learn(record.orders);
      this.#keepOrder(offset);
    } else if (record.type === "trailer") this.#keepOrder(offset);
    else if (record.type === "data") this.#addCost(record.place.length / entryBytes);
  }

  /** Where a stretch begins; behind the last one: infinity. */
  offset(part: number): number {
    return part < this.count ? (this.#offsets[part] as number) : Number.POSITIVE_INFINITY;
  }

  /** The stretch that has to be done before, `noParent`, or `inOrder`. */
  parent(part: number): number {
    return this.#parents[part] as number;
  }

  /** The work of a stretch: 1 for an entry, or for 64 KiB. */
  cost(part: number): number {
    return 1 + (this.#costs[part] as number);
  }

  #directory(orders: OrderedDirectory, isContinued: boolean, offset: number): void {
    this.#learn(orders);
    const { path } = orders;
    if (this.#hasLinks(orders)) this.hasLinks = true;
    if (!isApart(orders)) {
      // What it goes on with keeps its order, too.
      if (isContinued && this.count > 0) this.#parents[this.count - 1] = inOrder;
      else this.#keepOrder(offset);
    } else if (!isContinued) {
      while (this.#open.length > 0 && !isBelow(path, this.#open.at(-1)?.path ?? "")) {
        this.#open.pop();
      }
      this.#add(offset, this.#open.at(-1)?.part ?? noParent);
      this.#open.push({ path, part: this.count - 1 });
    }
    this.#addCost(orders.count);
  }

  /** What had to wait has all directories behind it, and needs nothing of its neighbours but old content. */
  #late(orders: OrderedDirectory, isContinued: boolean, offset: number): void {
    this.#learn(orders);
    if (this.#hasLinks(orders)) this.hasLinks = true;
    const last = this.count - 1;
    if (!isLateApart(orders)) {
      if (isContinued && last >= 0) this.#parents[last] = inOrder;
      else this.#keepOrder(offset);
    } else if (!isContinued) {
      // The first of them waits for all that comes before.
      if (!this.#isLate) this.#add(offset, inOrder);
      this.#add(offset, noParent);
    }
    this.#isLate = true;
    this.#addCost(orders.count);
  }

  #hasLinks({ before, after }: OrderedDirectory): boolean {
    return before.links.size > 0 || after.links.size > 0;
  }

  #learn({ users, groups }: OrderedDirectory): void {
    for (const [id, name] of users) this.users.set(id, name);
    for (const [id, name] of groups) this.groups.set(id, name);
  }

  #keepOrder(offset: number): void {
    if (this.count > 0 && this.#parents[this.count - 1] === inOrder) return;
    this.#add(offset, inOrder);
  }

  #add(offset: number, parent: number): void {
    if (this.count === this.#offsets.length) this.#grow();
    this.#offsets[this.count] = offset;
    this.#parents[this.count] = parent;
    this.#costs[this.count] = 0;
    this.count++;
  }

  #addCost(cost: number): void {
    if (this.count > 0)
      this.#costs[this.count - 1] = (this.#costs[this.count - 1] as number) + cost;
  }

  #grow(): void {
    const [offsets, costs, parents] = [this.#offsets, this.#costs, this.#parents];
    this.#offsets = new Float64Array(2 * offsets.length);
    this.#offsets.set(offsets);
    this.#costs = new Float64Array(2 * costs.length);
    this.#costs.set(costs);
    this.#parents = new Int32Array(2 * parents.length);
    this.#parents.set(parents);
  }
}

/** Says whether all that the orders do happens in their directory, and at once: nothing waits for what comes later. */
function isApart(orders: OrderedDirectory): boolean {
  const { count, kind, before, after, bases, continues } = orders;
  if (bases.size > 0 || continues.size > 0) return false;
  for (let i = 0; i < count; i++) {
    if (kind[i] === orderKind.move || kind[i] === orderKind.link) return false;
    const [was, is] = [before.columns.mode[i] as number, after.columns.mode[i] as number];
    if (was !== 0 && isDirectory(was) !== isDirectory(is)) return false;
  }
  return orders.path !== "" || count === 0 || after.columns.name(0) !== selfName;
}

/** Says whether all late orders of a directory are about files: where their old content goes on is kept before it is replaced. */
function isLateApart({ count, kind, before, after }: OrderedDirectory): boolean {
  for (let i = 0; i < count; i++) {
    if (kind[i] === orderKind.link) return false;
    const [was, is] = [before.columns.mode[i] as number, after.columns.mode[i] as number];
    if (isDirectory(was) || isDirectory(is)) return false;
  }
  return true;
}
