// What the two ends of a conversation can do: the client says it in letters behind -e, the server answers in bits.

import type { ByteString } from "../../base/index.ts";

/** The bits. */
export const compat = {
  incremental: 0x01,
  linkTimes: 0x02,
  linkIconv: 0x04,
  safeListEnd: 0x08,
  keepsXattrRequests: 0x10,
  seedFirst: 0x20,
  inPlacePartialDir: 0x40,
  varintFlags: 0x80,
  rootNames: 0x100,
} as const;

/** The letter that asks for each bit. */
const letters: readonly (readonly [letter: string, bit: number])[] = [
  ["i", compat.incremental],
  ["L", compat.linkTimes],
  ["s", compat.linkIconv],
  ["f", compat.safeListEnd],
  ["x", compat.keepsXattrRequests],
  ["C", compat.seedFirst],
  ["I", compat.inPlacePartialDir],
  ["v", compat.varintFlags],
  ["u", compat.rootNames],
];

/**
 * Returns the word behind -e. There is no conversion of names. Partial files are not updated where they lie at this end, and may be
 * where this end sends.
 */
export function capabilityWord(incremental: boolean, sends: boolean): ByteString {
  return `.${incremental ? "i" : ""}LfxC${sends ? "I" : ""}vu`;
}

/** Returns the bits that the letters of a client's word ask for. */
export function wantedBits(word: ByteString): number {
  let bits = 0;
  for (const [letter, bit] of letters) if (word.includes(letter)) bits |= bit;
  return bits;
}
