// A stream that another machine sends, kept until all of it is there: whoever reads it does not wait.

import { ManifoldError } from "../../base/index.ts";
import { ScratchStore } from "../state/scratch-store.ts";

/** Bytes of listings that another machine may send: those of some 200 million entries. Arbitrary, but on disk. */
const keptBytesMax = 16 * 1024 ** 3;
const pieceBytes = 256 * 1024;

/** Takes pieces, and gives them again. */
export class KeptPieces {
  readonly #store = new ScratchStore();
  #length = 0;

  /** True until something has come. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Bytes that have come. */
  get length(): number {
    return this.#length;
  }

  /** Takes a piece. Throws a protocol-data error when there are more than may come. */
  add(piece: Uint8Array): void {
    this.#length += piece.length;
    if (this.#length > keptBytesMax) {
      const message = `The other end sent listings of more than ${keptBytesMax} bytes`;
      throw new ManifoldError("protocol-data", message);
    }
    this.#store.append(piece);
  }

  /** Gives everything, in pieces that are valid until the next. */
  *pieces(): Generator<Uint8Array> {
    for (let at = 0; at < this.#length; at += pieceBytes) {
      yield this.#store.read(at, Math.min(pieceBytes, this.#length - at));
    }
  }

  close(): void {
    this.#store.close();
  }
}
