// What the delta code asks of the outside: reading, writing, and somewhere to put tokens.

/**
 * Reads up to `length` bytes at `position` of a file into `into` from `offset`; returns how many,
 * 0 only at the end. Fewer than asked for is no error: the caller asks again.
 */
export type ReadAt = (into: Uint8Array, offset: number, length: number, position: number) => number;

/** Writes bytes[start, end) at `position`. The bytes may change after the call. */
export type WriteAt = (bytes: Uint8Array, start: number, end: number, position: number) => void;

/** Looks at bytes[start, end), which may change after the call: a digest, a writer. */
export type Observe = (bytes: Uint8Array, start: number, end: number) => void;

/** Takes the tokens of a delta, in the order of the file that they describe. */
export interface TokenSink {
  /** The next bytes are those of `blockCount` neighbouring blocks of the basis. */
  copy(firstBlock: number, blockCount: number): void;
  /** The next bytes are bytes[start, end), never none; they may change after the call. */
  literal(bytes: Uint8Array, start: number, end: number): void;
}

/** Reads until `length` bytes are there or the file ends; returns how many are there. */
export function readFully(
  read: ReadAt,
  into: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  let done = 0;
  while (done < length) {
    const count = read(into, offset + done, length - done, position + done);
    if (count <= 0) break;
    done += count;
  }
  return done;
}
