// Bytes that nothing makes smaller, and no part of which is like another one.

import { type Random, seededRandom } from "../../src/base/index.ts";

/** Returns so many of them: the same for the same seed, or the next ones. */
export function noise(seed: number | Random, length: number): Buffer {
  const random = typeof seed === "number" ? seededRandom(seed) : seed;
  // A loop, because filling an array through a function takes forty times as long.
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = random.uint32();
  return Buffer.from(words.buffer, 0, length);
}
