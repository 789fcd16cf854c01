// Datagrams that are handed to the kernel together: sealed one behind the other, all of one length but the last.

/** Hands datagrams of `each` bytes to the network and returns how many went: the first ones. */
export type Transmit = (bytes: Uint8Array, each: number) => number;

/** Such datagrams. */
export class DatagramBatch {
  readonly #transmit: Transmit;
  readonly #bytes: Uint8Array;
  readonly #longest: number;
  #length = 0;
  #each = 0;
  #isClosed = false;

  constructor(transmit: Transmit, longest: number, count: number) {
    this.#transmit = transmit;
    this.#longest = longest;
    this.#bytes = new Uint8Array(longest * count);
  }

  /** There is no room for one more. */
  get isFull(): boolean {
    return this.#length + this.#longest > this.#bytes.length;
  }

  /** Puts one in, which `write` makes. One that does not go with those that the kernel has no room for is lost, as on any line. */
  add(length: number, write: (target: Uint8Array) => void): void {
    if ((this.#isClosed || length > this.#each) && this.#length > 0 && !this.flush()) return;
    if (this.#length === 0) this.#each = length;
    this.#isClosed = length < this.#each;
    write(this.#bytes.subarray(this.#length, this.#length + length));
    this.#length += length;
  }

  /** Hands over what there is; false = the kernel has no room for all of it. */
  flush(): boolean {
    if (this.#length === 0) return true;
    const sent = this.#transmit(this.#bytes.subarray(0, this.#length), this.#each);
    const gone = Math.min(this.#length, sent * this.#each);
    this.#bytes.copyWithin(0, gone, this.#length);
    this.#length -= gone;
    if (this.#length === 0) this.#isClosed = false;
    return this.#length === 0;
  }
}
