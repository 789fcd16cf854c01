// Sums of a stream, stretch by stretch: whether what is recorded a second time, or what a target has of it from an
// earlier cast, is what was recorded first.

import { ManifoldError } from "../../base/index.ts";
import { blockBytesUsual } from "../../datagram/index.ts";
import { createDigest, type Digest } from "../../hash/index.ts";
import { changesetDigest } from "../verbs/stage-output.ts";

/** Blocks of a stretch, and its bytes, about a MiB; 16 bytes for each are 2 MB at 140 GB. */
export const stretchBlocks = 744;
export const stretchBytes = stretchBlocks * blockBytesUsual;
/** Bytes of a sum, and sums that anybody may tell: half a TB. */
export const sumBytes = 16;
export const stretchesMax = 2 ** 19;

/** Returns the sums that stand in a message one after the other, each as characters. Throws a protocol-data error if they are none, or more than `room`. */
export function splitSums(sums: Uint8Array, room: number): string[] {
  const count = sums.length / sumBytes;
  if (!Number.isInteger(count) || count > room) {
    throw new ManifoldError("protocol-data", "The other end told sums that cannot be");
  }
  const text = Buffer.from(sums).toString("latin1");
  return Array.from({ length: count }, (_, i) => text.slice(i * sumBytes, (i + 1) * sumBytes));
}

/** Returns the sum of a stretch's bytes, as characters. */
export function sumOf(bytes: Uint8Array, name: "blake3" | "sha256"): string {
  const digest = createDigest(name);
  digest.update(bytes);
  return Buffer.from(digest.digest()).toString("latin1", 0, sumBytes);
}

/** Takes a stream in, in pieces of any length. */
export class StreamSums {
  readonly #sums: string[] = [];
  #digest: Digest = createDigest(changesetDigest());
  #inStretch = 0;

  update(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const end = Math.min(bytes.length, done + stretchBytes - this.#inStretch);
      this.#digest.update(bytes.subarray(done, end));
      this.#inStretch += end - done;
      done = end;
      if (this.#inStretch === stretchBytes) this.#close();
    }
  }

  /** Nothing more comes. */
  finish(): void {
    if (this.#inStretch > 0) this.#close();
  }

  /** Stretches whose sum is known. */
  get count(): number {
    return this.#sums.length;
  }

  /** Says whether the first `count` stretches of both, from `from` on, are the same. */
  equal(other: StreamSums, from: number, count: number): boolean {
    for (let at = from; at < count; at++) if (this.#sums[at] !== other.#sums[at]) return false;
    return true;
  }

  /** The sum of a stretch, as characters; undefined = it is not known. */
  at(stretch: number): string | undefined {
    return this.#sums[stretch];
  }

  /** The sums from this stretch on, one after the other. */
  from(stretch: number): Uint8Array {
    return Buffer.from(this.#sums.slice(stretch).join(""), "latin1");
  }

  #close(): void {
    this.#sums.push(Buffer.from(this.#digest.digest()).toString("latin1", 0, sumBytes));
    this.#digest = createDigest(changesetDigest());
    this.#inStretch = 0;
  }
}
