// Raw deflate as rsync has it between two ends: one stream a file, which a byte order mark of four bytes, never sent, ends at every
// turn from literals to something else.

import {
  constants,
  createInflateRaw,
  deflateRawSync,
  type InflateRaw,
  type ZlibOptions,
} from "node:zlib";
import { ManifoldError } from "../../base/index.ts";
import type { Expander } from "./expander.ts";

/** What a flush leaves at the end of a stream: an empty stored block, which both ends know of. */
export const flushMark = Uint8Array.of(0, 0, 0xff, 0xff);

/** zlib's own way to inflate at once what has come; what Node's synchronous functions are made of. */
interface Synchronous {
  _handle: { close(): void };
  close: () => void;
  _processChunk(chunk: Uint8Array, flush: number): Uint8Array;
}

/** More than a chunk of 16 KiB can inflate to. */
const outputBytesMax = 32 * 1024 * 1024;
const chunkSize = 64 * 1024;

/** Inflates what comes, piece by piece, in the same turn of the event loop. */
export class Inflater implements Expander {
  readonly #stream: InflateRaw & Synchronous;
  #isFresh = true;
  #next: Uint8Array | undefined;

  constructor() {
    const options = { chunkSize, maxOutputLength: outputBytesMax };
    this.#stream = createInflateRaw(options) as InflateRaw & Synchronous;
    // What is wrong with the bytes is thrown.
    this.#stream.on("error", () => undefined);
  }

  begin(): void {
    if (!this.#isFresh) this.#stream.reset();
    this.#isFresh = true;
  }

  take(bytes: Uint8Array): void {
    this.#next = this.#inflate(bytes);
  }

  next(): Uint8Array | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }

  /** All of the token is there. */
  end(): void {
    this.take(flushMark);
  }

  close(): void {
    this.#stream.close();
  }

  /** Returns what these bytes bring. Throws ManifoldError for bytes that are no such stream. */
  #inflate(bytes: Uint8Array): Uint8Array {
    this.#isFresh = false;
    const stream: Synchronous = this.#stream;
    // When it is called without a callback it takes the stream for finished, and closes it: that is prevented, as npm's own
    // unpacking does it (minizlib).
    const { _handle: handle, close } = stream;
    const closeHandle = handle.close;
    handle.close = () => undefined;
    stream.close = () => undefined;
    try {
      return stream._processChunk(bytes, constants.Z_SYNC_FLUSH);
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      const message = `What came compressed cannot be decompressed: ${error.message}`;
      throw new ManifoldError("protocol-data", message, { cause: error });
    } finally {
      // Each call has left a listener of its own behind.
      this.#stream.removeAllListeners("error").on("error", () => undefined);
      stream._handle = handle;
      handle.close = closeHandle;
      stream.close = close;
    }
  }
}

/** Returns literals as a stream of their own that refers to nothing before it, without the mark of its flush. */
export function deflateLiteral(bytes: Uint8Array, level: number): Uint8Array {
  // A short one needs no memory for a long one.
  const isShort = bytes.length <= 4096;
  const options: ZlibOptions = {
    level,
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(isShort ? { windowBits: 12, memLevel: 5 } : {}),
  };
  const deflated = deflateRawSync(bytes, options);
  return deflated.subarray(0, deflated.length - flushMark.length);
}
