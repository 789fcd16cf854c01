// A small file that comes: in memory until all of it is there.

import type { ContentStore } from "../../source/index.ts";

/** Such a file. */
export class WholeFile implements ContentStore {
  #bytes: Uint8Array | undefined;
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  /** What has come; where nothing has, zeros. */
  get bytes(): Uint8Array {
    this.#bytes ??= new Uint8Array(this.#size);
    return this.#bytes;
  }

  /** Most small files come in one go: they are not copied. */
  takeWhole(bytes: Uint8Array): void {
    this.#bytes = bytes;
  }

  write(position: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, position);
  }

  read(position: number, into: Uint8Array): boolean {
    into.set(this.bytes.subarray(position, position + into.length));
    return true;
  }
}
