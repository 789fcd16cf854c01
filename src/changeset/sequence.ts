// What may follow what in a changeset, and what the records add up to. Reader and writer both go by
// it: a writer that breaks it has a bug, a file that breaks it is refused. It holds one directory's
// path at a time, and those of directories that could not be read.

import type { ByteString } from "../base/index.ts";
import { isDirectory, isRegular } from "../tree/index.ts";
import { ContentRules } from "./content-rules.ts";
import type { LastName } from "./entry-order.ts";
import { invalid } from "./invalid.ts";
import type { ListedDirectory } from "./listed-directory.ts";
import type { Section } from "./order-codec.ts";
import { type OrderedDirectory, orderKind } from "./ordered-directory.ts";
import { compareClosings, compareDirectories, selfName } from "./paths.ts";
import {
  type DataRecord,
  type Header,
  noTotals,
  type SignatureRecord,
  type Trailer,
  totalNames,
} from "./record.ts";

/** Rows of an OrderedDirectory. */
export interface OrderRange {
  readonly from: number;
  readonly to: number;
}

const sectionRank = { directory: 0, late: 1, closing: 2 } as const;
/** Bytes of paths of unreadable directories that are held. */
const heldBytesMax = 64 * 1024 * 1024;

/** Checks records in the order they come. */
export class Sequence {
  readonly totals = noTotals();
  readonly #isListing: boolean;
  readonly #content: ContentRules;
  #section: Section = "directory";
  #path: ByteString | undefined;
  #last: LastName | undefined;
  readonly #incomplete = new Set<ByteString>();
  #heldBytes = 0;

  constructor(header: Header) {
    this.#isListing = header.kind === "listing";
    this.#content = new ContentRules(header.hasData, this.totals);
  }

  /** Returns the last entry of the record before, if a record of this path would go on with its directory. */
  lastOf(section: Section, path: ByteString): LastName | undefined {
    return section === this.#section && path === this.#path ? this.#last : undefined;
  }

  /** Takes orders [from, to), one record; returns whether they go on with the directory before. */
  orders(section: Section, orders: OrderedDirectory, range: OrderRange, offset: number): boolean {
    if (this.#isListing) throw invalid("record", offset, "a listing has no orders");
    const isContinued = this.#place(section, orders.path, offset);
    const { from, to } = range;
    this.#content.begin(orders, from, to, offset);
    const isClosed = section === "closing" && this.#incomplete.has(orders.path);
    for (let i = from; i < to; i++) {
      if (isClosed && orders.kind[i] === orderKind.del) {
        throw invalid("order", offset, "deletes from a directory that could not be read");
      }
      this.#count(section, orders, i, offset);
    }
    if (!orders.complete) this.#hold(orders.path, offset);
    if (to > from) {
      this.#last = {
        name: orders.name(to - 1),
        isDirectory: isDirectory(orders.standingMode(to - 1)),
      };
    }
    return isContinued;
  }

  /** Takes entries [from, to) of a directory of a listing; returns whether it goes on with the one before. */
  listing(listing: ListedDirectory, range: OrderRange, offset: number): boolean {
    if (!this.#isListing) throw invalid("record", offset, "a changeset has no listings");
    const isContinued = this.#place("directory", listing.path, offset);
    const { columns } = listing;
    const { from, to } = range;
    this.#content.beginListed(listing, range, isContinued, offset);
    for (let i = from; i < to; i++) {
      if (i === 0 && columns.name(0) === selfName) continue;
      this.totals.entries++;
      if (isRegular(columns.mode[i] as number)) this.#addBytes(columns.size[i] as number, offset);
    }
    if (to > from) {
      this.#last = { name: columns.name(to - 1), isDirectory: columns.isDirectory(to - 1) };
    }
    return isContinued;
  }

  /** Takes a signature. */
  signature(record: SignatureRecord, offset: number): void {
    this.#content.signature(record, offset);
  }

  /** Takes data. */
  data(record: DataRecord, offset: number): void {
    this.#content.data(record, offset);
  }

  /** Takes a problem. */
  problem(): void {
    this.totals.problems++;
  }

  /** Takes the trailer. */
  trailer(trailer: Trailer, offset: number): void {
    this.#content.end(offset);
    for (const name of totalNames) {
      const [said, found] = [trailer.totals[name], this.totals[name]];
      if (said !== found) throw invalid("total", offset, `${name} is ${found}, not ${said}`);
    }
  }

  /** Checks a directory's place among the others. */
  #place(section: Section, path: ByteString, offset: number): boolean {
    this.#content.end(offset);
    if (sectionRank[section] < sectionRank[this.#section]) {
      throw invalid("record", offset, `a ${section} record after ${this.#section} records`);
    }
    if (section !== this.#section) {
      this.#section = section;
      this.#path = undefined;
    }
    const before = this.#path;
    if (before === path) return true;
    const compare = section === "closing" ? compareClosings : compareDirectories;
    if (before !== undefined && compare(before, path) > 0) {
      throw invalid("path", offset, "directories are not in order");
    }
    this.#path = path;
    this.#last = undefined;
    if (section === "directory") this.totals.directories++;
    return false;
  }

  #count(section: Section, orders: OrderedDirectory, i: number, offset: number): void {
    if (i === 0 && section === "closing" && orders.name(0) === selfName) return;
    const { totals } = this;
    const kind = orders.kind[i];
    totals.entries++;
    if (kind === orderKind.del) totals.del++;
    else if (kind === orderKind.meta) totals.meta++;
    else if (kind === orderKind.link) totals.link++;
    else {
      if (kind === orderKind.add) totals.add++;
      else if (kind === orderKind.move) totals.move++;
      else totals.change++;
      const { mode, size } = orders.after.columns;
      if (isRegular(mode[i] as number)) this.#addBytes(size[i] as number, offset);
    }
  }

  #addBytes(size: number, offset: number): void {
    this.totals.bytes += size;
    if (!Number.isSafeInteger(this.totals.bytes)) {
      throw invalid("size", offset, "all sizes together are too large");
    }
  }

  #hold(path: ByteString, offset: number): void {
    if (this.#incomplete.has(path)) return;
    this.#heldBytes += path.length + 16;
    if (this.#heldBytes > heldBytesMax) {
      throw invalid("incomplete", offset, "too many directories that could not be read");
    }
    this.#incomplete.add(path);
  }
}
