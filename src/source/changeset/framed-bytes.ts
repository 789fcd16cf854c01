// The bytes of a compressed changeset as they are uncompressed, read anywhere: they lie in pieces that were compressed each for itself, so
// that no more is opened than the piece a byte lies in.

import { assert } from "../../base/index.ts";
import { type Compression, decompressPiece, type FramePlace } from "../../changeset/index.ts";
import { SourceError } from "../source-error.ts";

/** Pieces that stay open: small files stand close together, and there are two readers. */
const openMax = 4;

interface Frame extends FramePlace {
  /** Where it begins in the uncompressed sequence. */
  readonly begin: number;
}

/** Such bytes. */
export class FramedBytes {
  readonly #compression: Compression;
  readonly #readFile: (into: Uint8Array, position: number) => void;
  readonly #frames: Frame[] = [];
  /** What was used last stands last. */
  readonly #open = new Map<Frame, Uint8Array>();
  #end: number;

  /** `begin`: where the first piece begins, uncompressed. `readFile` reads bytes of the file, or throws SourceError. */
  constructor(
    compression: Compression,
    begin: number,
    readFile: (into: Uint8Array, position: number) => void,
  ) {
    this.#compression = compression;
    this.#end = begin;
    this.#readFile = readFile;
  }

  /** Adds the next piece. */
  add(frame: FramePlace): void {
    this.#frames.push({ ...frame, begin: this.#end });
    this.#end += frame.rawLength;
  }

  /** Reads bytes by their place in the uncompressed sequence. Throws SourceError. */
  read(into: Uint8Array, position: number): void {
    for (let done = 0; done < into.length; ) {
      const frame = this.#frameAt(position + done);
      const piece = this.#opened(frame);
      const part = piece.subarray(position + done - frame.begin).subarray(0, into.length - done);
      into.set(part, done);
      done += part.length;
    }
  }

  #frameAt(position: number): Frame {
    let [low, high] = [0, this.#frames.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#frames[middle] as Frame).begin <= position) low = middle;
      else high = middle;
    }
    const frame = this.#frames[low];
    assert(frame !== undefined && position < this.#end, "What was read lies in a piece");
    return frame;
  }

  #opened(frame: Frame): Uint8Array {
    const piece = this.#open.get(frame) ?? this.#decompressed(frame);
    this.#open.delete(frame);
    this.#open.set(frame, piece);
    for (const first of this.#open.keys()) {
      if (this.#open.size <= openMax) break;
      this.#open.delete(first);
    }
    return piece;
  }

  #decompressed({ position, length, rawLength }: Frame): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#readFile(bytes, position);
    const piece = decompressPiece(this.#compression, bytes, rawLength);
    if (piece === undefined) throw new SourceError("protocol", "The changeset has changed");
    return piece;
  }
}
