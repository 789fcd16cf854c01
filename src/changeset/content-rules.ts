// The rules of signature and data records: they follow the orders or the directory of a listing that they belong to,
// in their order, and the pieces of one make a whole.

import { layoutOf } from "../delta/index.ts";
import { isRegular } from "../tree/index.ts";
import { invalid } from "./invalid.ts";
import type { ListedDirectory } from "./listed-directory.ts";
import { type OrderedDirectory, takesContent } from "./ordered-directory.ts";
import type { DataRecord, SignatureRecord, Totals } from "./record.ts";

/** Checks what follows the orders of one directory. */
export class ContentRules {
  readonly #hasData: boolean;
  readonly #totals: Totals;
  #orders: OrderedDirectory | undefined;
  /** Sizes of the files of the directory of a listing, all its records together; -1 = what is no file. */
  readonly #listed: number[] = [];
  #isListing = false;
  /** The rows of #orders that the record had. */
  #from = 0;
  #to = 0;
  /** The order that the last record belonged to. */
  #index = -1;
  /** More of it must follow. */
  #isOpen = false;
  /** Bytes of content, or blocks of a signature, so far. */
  #done = 0;
  #signature: SignatureRecord | undefined;

  constructor(hasData: boolean, totals: Totals) {
    this.#hasData = hasData;
    this.#totals = totals;
  }

  /** What follows belongs to rows [from, to) of these orders, which stay as they are until then. */
  begin(orders: OrderedDirectory, from: number, to: number, offset: number): void {
    this.end(offset);
    this.#orders = orders;
    this.#from = from;
    this.#to = to;
    this.#index = -1;
    this.#signature = undefined;
  }

  /** Entries [from, to) of a listing's directory: what follows may belong to them, and to those of the records before that this one goes on with. */
  beginListed(
    { columns }: ListedDirectory,
    { from, to }: { readonly from: number; readonly to: number },
    isContinued: boolean,
    offset: number,
  ): void {
    this.end(offset);
    this.#isListing = true;
    if (!isContinued) {
      this.#listed.length = 0;
      this.#index = -1;
      this.#signature = undefined;
    } else if (this.#index >= 0) {
      throw invalid("record", offset, "entries of a directory after its signatures");
    }
    for (let i = from; i < to; i++) {
      this.#listed.push(isRegular(columns.mode[i] as number) ? (columns.size[i] as number) : -1);
    }
  }

  /** Throws when something is unfinished. */
  end(offset: number): void {
    if (this.#isOpen) throw invalid("index", offset, `order ${this.#index} is not finished`);
  }

  /** Checks a run of blocks. */
  signature(record: SignatureRecord, offset: number): void {
    if (this.#hasData) throw invalid("signature", offset, "a changeset with data has none");
    const { index, basisLength, blockLength, strongLength, firstBlock, weak } = record;
    const size = this.#basisSize(index, offset);
    if (basisLength !== size) {
      throw invalid("basis length", offset, `${basisLength}, the basis has ${size} bytes`);
    }
    const last = this.#signature;
    const fits =
      !this.#step(index, offset) ||
      (last?.blockLength === blockLength && last.strongLength === strongLength);
    if (!fits || firstBlock !== this.#done) {
      throw invalid("first block", offset, "it does not go on with what was before");
    }
    const { count } = layoutOf(basisLength, blockLength);
    if (weak.length === 0 && count > 0) throw invalid("weak sums", offset, "there are none");
    this.#done += weak.length;
    this.#isOpen = this.#done < count;
    this.#signature = record;
  }

  /** Checks a piece of content. */
  data(record: DataRecord, offset: number): void {
    if (!this.#hasData) throw invalid("data", offset, "the header says that there is none");
    const { index, tokens, digest } = record;
    const size = this.#contentSize(index, offset);
    this.#step(index, offset);
    for (const token of tokens) {
      if (token.kind === "literal") {
        this.#done += token.bytes.length;
        this.#totals.literal += token.bytes.length;
        continue;
      }
      const basis = this.#basisSize(index, offset);
      if (token.kind === "copy" && token.offset + token.length > basis) {
        throw invalid("copy", offset, `it ends beyond the ${basis} bytes of the basis`);
      }
      if (token.kind === "all" && (basis !== size || this.#done > 0)) {
        throw invalid("copy", offset, "all of the basis is not what is wanted");
      }
      this.#done += token.kind === "all" ? basis : token.length;
    }
    if (this.#done > size || (digest instanceof Uint8Array && this.#done !== size)) {
      throw invalid("data", offset, `${this.#done} bytes, the content has ${size}`);
    }
    this.#isOpen = digest === undefined;
  }

  /** Goes on with order `index`; true when it is the one before, unfinished. */
  #step(index: number, offset: number): boolean {
    if (this.#isOpen && index === this.#index) return true;
    this.end(offset);
    if (index <= this.#index) throw invalid("index", offset, `${index} after ${this.#index}`);
    this.#index = index;
    this.#done = 0;
    return false;
  }

  #listedSize(index: number, offset: number): number {
    const size = this.#listed[index] ?? -1;
    if (size < 0) throw invalid("index", offset, `entry ${index} is no file`);
    return size;
  }

  #contentSize(index: number, offset: number): number {
    const orders = this.#orders;
    const row = this.#from + index;
    if (orders === undefined || row >= this.#to) {
      throw invalid("index", offset, `there is no order ${index}`);
    }
    if (!takesContent(orders, row)) {
      throw invalid("index", offset, `order ${index} takes no content`);
    }
    return orders.after.columns.size[row] as number;
  }

  /** Bytes of what an order's content can be built from. */
  #basisSize(index: number, offset: number): number {
    if (this.#isListing) return this.#listedSize(index, offset);
    this.#contentSize(index, offset);
    const orders = this.#orders as OrderedDirectory;
    const row = this.#from + index;
    const basis = orders.bases.get(row);
    if (basis !== undefined) return basis.size;
    const { mode, size } = orders.before.columns;
    if (isRegular(mode[row] as number)) return size[row] as number;
    throw invalid("index", offset, `order ${index} has no basis`);
  }
}
