// The stream recorded once more, for one target that lacks what is not kept any more. It asks from the front
// to the back, and so is recorded: no faster than it asks.

import { ManifoldError } from "../../base/index.ts";
import type { ByteSink } from "../../changeset/index.ts";
import type { Steps } from "../verbs/steps.ts";
import type { StreamFile } from "./stream-file.ts";
import { StreamSums, stretchBytes } from "./stream-sums.ts";

/** Bytes behind the latest one that are held: requests under way need not come in order. */
const heldBytes = 4 * stretchBytes;

/** Begins to record a stream into a sink. */
export type Records = (sink: ByteSink) => Steps<unknown>;

/** Such a replay. */
export class Replay {
  readonly #steps: Steps<unknown>;
  readonly #original: StreamFile;
  readonly #sums = new StreamSums();
  #checked = 0;
  #pieces: Uint8Array[] = [];
  /** Where the first piece begins, and the last one ends, in the stream. */
  #start = 0;
  #end = 0;
  #isOver = false;

  /** `record` begins to record the same again, into a sink. */
  constructor(original: StreamFile, record: Records) {
    this.#original = original;
    this.#steps = record((piece) => this.#take(piece));
  }

  /** What is before this byte is not held any more: whoever wants it needs a replay of his own. */
  get start(): number {
    return this.#start;
  }

  /** Fills `into` with the bytes from `at` on. Rejects with ManifoldError if they are not what they were. */
  async read(at: number, into: Uint8Array): Promise<void> {
    const end = Math.min(at + into.length, this.#original.length);
    // A stretch is right or wrong as a whole.
    const wanted = Math.min(Math.ceil(end / stretchBytes) * stretchBytes, this.#original.length);
    const isLast = wanted === this.#original.length;
    // The last stretch ends where nothing follows.
    while (!this.#isOver && (isLast || this.#end < wanted)) {
      const step = this.#steps.next();
      if (step.done === true) {
        this.#isOver = true;
        this.#sums.finish();
      } else if (step.value !== undefined) await step.value;
    }
    const { sums } = this.#original;
    const whole = Math.min(this.#sums.count, sums.count);
    const isRight = this.#end >= end && this.#sums.equal(sums, this.#checked, whole);
    if (!isRight || whole < Math.ceil(end / stretchBytes)) throw changed();
    this.#checked = whole;
    this.#copy(at, into.subarray(0, end - at));
  }

  /** Ends it. */
  close(): void {
    this.#isOver = true;
    this.#steps.return(undefined);
    this.#pieces = [];
  }

  #take(piece: Uint8Array): void {
    this.#sums.update(piece);
    this.#pieces.push(piece.slice());
    this.#end += piece.length;
    for (let [first] = this.#pieces; first !== undefined; [first] = this.#pieces) {
      if (this.#start + first.length > this.#end - heldBytes) break;
      this.#start += first.length;
      this.#pieces.shift();
    }
  }

  #copy(at: number, into: Uint8Array): void {
    let pieceAt = this.#start;
    for (const piece of this.#pieces) {
      const from = Math.max(at, pieceAt);
      const to = Math.min(at + into.length, pieceAt + piece.length);
      if (from < to) into.set(piece.subarray(from - pieceAt, to - pieceAt), from - at);
      pieceAt += piece.length;
    }
  }
}

function changed(): ManifoldError {
  const message =
    "the source changed while it was cast, and what this target lacks is not there any more";
  return new ManifoldError("vanished", message);
}
