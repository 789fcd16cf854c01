// The content of simulated blocks: different for each, and quickly made.

/** Of the bytes of a block so many are there to be told from others; the rest only takes time on the lines. */
export const contentBytes = 8;

const words = new Uint32Array(contentBytes / 4);
const wordBytes = new Uint8Array(words.buffer);

/** Returns the bytes of a block, good until the next call. */
export function blockContent(seed: number, block: number): Uint8Array {
  words[0] = Math.imul(seed ^ 0x9e3779b9, block + 1);
  words[1] = block;
  return wordBytes;
}
