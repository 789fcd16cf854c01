// Seeded choices, for generators that must give the same tree for the same seed for ever.

import { type ByteString, type Random, seededRandom } from "./rooms.ts";

/** Draws values from a seeded generator. */
export class Choice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return this.#random.uint32() % count;
  }

  /** True in `percent` of 100 cases. */
  percent(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** One of the values. */
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** The values in random order. */
  shuffled<T>(values: readonly T[]): T[] {
    const result = [...values];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }

  /** Bytes that do not compress. */
  bytes(length: number): Uint8Array {
    const result = new Uint8Array(length);
    for (let i = 0; i < length; i += 4) {
      const word = this.#random.uint32();
      result[i] = word;
      result[i + 1] = word >>> 8;
      result[i + 2] = word >>> 16;
      result[i + 3] = word >>> 24;
    }
    return result;
  }

  /** A short lower-case word. */
  word(): ByteString {
    const letters = "abcdefghijklmnopqrstuvwxyz";
    let word = "";
    for (let left = 2 + this.below(7); left > 0; left--) word += letters[this.below(26)];
    return word;
  }
}
