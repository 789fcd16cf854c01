// The answer to one request for content. It may be given before its turn, in pieces: answers leave in the order of the requests.

import { assert } from "../../base/index.ts";
import type { Signature } from "../../delta/index.ts";
import type { ItemHeader } from "../item/item-header.ts";
import type { SumHead } from "../item/sum-head.ts";

/** A piece of it: frames, and who hears that they have left. */
export interface AnswerPiece {
  readonly frames: Uint8Array;
  readonly left: (() => void) | undefined;
}

/** Such an answer. */
export class Answer {
  readonly header: ItemHeader;
  readonly head: SumHead;
  /** What the other end has of the file; undefined = nothing. */
  readonly signature: Signature | undefined;
  /** Only what is behind so many bytes is sent. */
  readonly from: number;
  readonly #changed: () => void;
  /** Pieces that have not left. */
  readonly pieces: AnswerPiece[] = [];
  /** "refused": nothing comes of it. */
  state: "open" | "over" | "refused" = "open";
  /** It is its turn, and its header has gone. */
  isBegun = false;
  /** The whole file's checksum, where no piece has it. */
  sum: Uint8Array | undefined;

  /** `known`: what the other end has, in sums of blocks or as a length. */
  constructor(
    header: ItemHeader,
    head: SumHead,
    known: Signature | number | undefined,
    changed: () => void,
  ) {
    this.header = header;
    this.head = head;
    this.signature = typeof known === "number" ? undefined : known;
    this.from = typeof known === "number" ? known : 0;
    this.#changed = changed;
  }

  /** Adds tokens as frames, which must not change until they have `left`. */
  send(frames: Uint8Array, left?: () => void): void {
    assert(this.state === "open", "Nothing follows the end of an answer.");
    this.pieces.push({ frames, left });
    this.#changed();
  }

  /** Everything has been sent, but perhaps for the checksum of the whole file. */
  end(sum?: Uint8Array): void {
    assert(this.state === "open", "An answer ends once.");
    this.sum = sum;
    this.state = "over";
    this.#changed();
  }

  /** The file cannot be sent. Only for an answer of which nothing was sent. */
  refuse(): void {
    assert(this.state === "open" && !this.isBegun, "Nothing was sent of it.");
    this.pieces.length = 0;
    this.state = "refused";
    this.#changed();
  }
}
