// The signature of one file, put together from its runs.

import type { SignatureRecord } from "../../changeset/index.ts";
import { layoutOf, type Signature } from "../../delta/index.ts";

/** Gathers runs that follow one another; the reader has checked that they do. */
export class GatheredSignature {
  #index = -1;
  #signature: Signature | undefined;
  #filled = 0;

  /** All blocks are there. */
  get isWhole(): boolean {
    return this.#signature !== undefined && this.#filled === this.#signature.count;
  }

  /** Takes the next run. */
  add(record: SignatureRecord): void {
    const { index, basisLength, blockLength, strongLength, firstBlock, weak, strong } = record;
    if (firstBlock === 0) {
      const layout = layoutOf(basisLength, blockLength);
      this.#index = index;
      this.#filled = 0;
      // Runs are short, but one that claims many blocks has to send them before memory is taken for more.
      this.#signature = {
        ...layout,
        weak: new Uint32Array(0),
        strong: new Uint8Array(0),
        strongLength,
      };
    }
    const signature = this.#signature;
    if (signature === undefined) return;
    this.#filled += weak.length;
    this.#signature = {
      ...signature,
      weak: joined(signature.weak, weak, firstBlock, signature.count),
      strong: joined(
        signature.strong,
        strong,
        firstBlock * strongLength,
        signature.count * strongLength,
      ),
    };
  }

  /** Returns the signature if it is that of order `index`, and forgets it. */
  take(index: number): Signature | undefined {
    if (this.#index !== index || !this.isWhole) return undefined;
    const signature = this.#signature;
    this.#signature = undefined;
    this.#index = -1;
    return signature;
  }
}

/** Appends a run at `at`; memory doubles, up to what the whole needs. */
function joined<T extends Uint32Array | Uint8Array>(all: T, run: T, at: number, whole: number): T {
  const end = at + run.length;
  let into = all;
  if (end > all.length) {
    const Type = all.constructor as new (length: number) => T;
    into = new Type(Math.min(whole, Math.max(end, all.length * 2)));
    into.set(all as never);
  }
  into.set(run as never, at);
  return end === whole ? (into.subarray(0, whole) as T) : into;
}
