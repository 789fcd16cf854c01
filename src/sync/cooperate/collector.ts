// Puts together what one connection brings of an order, and gives it to all piece by piece: only as long as the claim to the piece
// is ours is it written and told.

import { digestOf } from "../../hash/index.ts";
import type { ClaimedPiece } from "./choose-run.ts";

/** Who takes what is whole. */
export interface CollectorHost {
  /** The claim is still ours. */
  holds(piece: ClaimedPiece): boolean;
  /** Bytes of the order from `from` on are here; with BLAKE3 of them, as hexadecimal digits. */
  commit(from: number, bytes: Uint8Array, digest: string): void;
}

/** Such a collector. */
export class Collector {
  readonly #pieces: readonly ClaimedPiece[];
  readonly #host: CollectorHost;
  #room = new Uint8Array(0);
  #from = 0;
  #used = 0;
  /** Nothing more is of use: somebody has taken over. */
  isOver = false;

  constructor(pieces: readonly ClaimedPiece[], host: CollectorHost) {
    this.#pieces = pieces;
    this.#host = host;
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.#from + this.#used;
  }

  /** Goes on at another place of the order. */
  begin(position: number): void {
    if (position === this.position) return;
    this.flush();
    this.#from = position;
  }

  /** Takes bytes. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.isOver; ) {
      const piece = this.#pieceAt(this.position);
      if (piece === undefined) {
        this.isOver = true;
        return;
      }
      if (this.#used === 0) {
        // The claim may have gone before anything of the piece has come.
        if (!this.#host.holds(piece)) {
          this.isOver = true;
          return;
        }
        this.#room = new Uint8Array(piece.to - this.#from);
      }
      const taken = Math.min(bytes.length - at, this.#room.length - this.#used);
      this.#room.set(bytes.subarray(at, at + taken), this.#used);
      this.#used += taken;
      at += taken;
      if (this.#used === this.#room.length) this.flush();
    }
  }

  /** Takes back what came from `position` on. */
  cut(position: number): void {
    this.#used = Math.max(0, Math.min(this.#used, position - this.#from));
  }

  /** Gives what has come, if the piece is still ours. */
  flush(): void {
    if (this.#used === 0) return;
    const piece = this.#pieceAt(this.#from);
    const bytes = this.#room.subarray(0, this.#used);
    if (piece === undefined || !this.#host.holds(piece)) this.isOver = true;
    else {
      this.#host.commit(this.#from, bytes, Buffer.from(digestOf("blake3", bytes)).toString("hex"));
    }
    this.#from += this.#used;
    this.#used = 0;
  }

  #pieceAt(position: number): ClaimedPiece | undefined {
    return this.#pieces.find(({ from, to }) => from <= position && position < to);
  }
}
