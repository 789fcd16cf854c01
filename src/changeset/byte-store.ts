// Where bytes wait that come at one time and are wanted at another: the closing records of a
// changeset, which are known early, and the parts of an inverse. In memory here; whoever has files
// may keep them there.

/** Keeps bytes and gives them back by position. */
export interface ByteStore {
  /** Keeps a copy and returns its position. */
  append(bytes: Uint8Array): number;
  /** Returns bytes that are valid until the next call. */
  read(position: number, length: number): Uint8Array;
}

/** Returns a store in memory. */
export function memoryStore(): ByteStore {
  let bytes = new Uint8Array(64 * 1024);
  let used = 0;
  return {
    append: (more) => {
      const position = used;
      used += more.length;
      if (used > bytes.length) {
        const grown = new Uint8Array(Math.max(used, bytes.length * 2));
        grown.set(bytes.subarray(0, position));
        bytes = grown;
      }
      bytes.set(more, position);
      return position;
    },
    read: (position, length) => bytes.subarray(position, position + length),
  };
}
