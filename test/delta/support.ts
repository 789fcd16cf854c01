// Files in memory and deltas as values, for the tests of this room.

import { type Random, seededRandom } from "../../src/base/index.ts";
import {
  compareWithBasis,
  computeSignature,
  createPatcher,
  type MatchCounts,
  type MatchOptions,
  matchBlocks,
  type PatchOptions,
  type ReadAt,
  type Signature,
  type TokenSink,
} from "../../src/delta/index.ts";

/** Reads from memory; with `random`, gives fewer bytes than asked for at random. */
export function reader(bytes: Uint8Array, random?: Random): ReadAt {
  return (into, offset, length, position) => {
    const there = Math.max(0, Math.min(length, bytes.length - position));
    const count = random === undefined ? there : Math.min(there, 1 + (random.uint32() % 997));
    into.set(bytes.subarray(position, position + count), offset);
    return count;
  };
}

/** A token as a value: blocks to copy, or literal bytes. */
export type Token = readonly [first: number, count: number] | Uint8Array;

/** A sink that keeps its tokens. */
export function collector(): TokenSink & { readonly tokens: Token[] } {
  const tokens: Token[] = [];
  return {
    tokens,
    copy: (first, count) => tokens.push([first, count]),
    literal: (bytes, start, end) => tokens.push(bytes.slice(start, end)),
  };
}

/** Gives tokens to a sink. */
export function replay(tokens: readonly Token[], sink: TokenSink): void {
  for (const token of tokens) {
    if (token instanceof Uint8Array) sink.literal(token, 0, token.length);
    else sink.copy(token[0], token[1]);
  }
}

/** Returns the copies of some tokens. */
export function copies(tokens: readonly Token[]): Token[] {
  return tokens.filter((token) => !(token instanceof Uint8Array));
}

/** A delta and what is known about it. */
export interface Delta {
  readonly signature: Signature;
  readonly tokens: readonly Token[];
  readonly counts: MatchCounts;
}

/** Computes the delta from `basis` to `source`; `compare` matches by comparing bytes. */
export function deltaOf(
  basis: Uint8Array,
  source: Uint8Array,
  options: {
    blockLength?: number;
    strongLength?: number;
    compare?: boolean;
    match?: Partial<MatchOptions>;
  } = {},
): Delta {
  const { blockLength, compare } = options;
  const signature = computeSignature({
    read: reader(basis),
    fileLength: basis.length,
    ...(blockLength === undefined ? {} : { blockLength }),
    strongLength: compare ? 0 : (options.strongLength ?? 16),
  });
  const sink = collector();
  const confirm = compare ? compareWithBasis(signature, reader(basis)) : undefined;
  const counts = matchBlocks({ signature, read: reader(source), confirm, ...options.match }, sink);
  return { signature, tokens: sink.tokens, counts };
}

/** Applies tokens to a basis and returns the result. */
export function patched(
  basis: Uint8Array,
  delta: Pick<Delta, "signature" | "tokens">,
  options: Partial<PatchOptions> = {},
): Uint8Array {
  const pieces: Uint8Array[] = [];
  const patcher = createPatcher({
    layout: delta.signature,
    read: reader(basis),
    write: (bytes, start, end) => pieces.push(bytes.slice(start, end)),
    ...options,
  });
  replay(delta.tokens, patcher);
  patcher.finish();
  return Uint8Array.from(Buffer.concat(pieces));
}

/** Returns random bytes, from few values when `values` is small: many equal blocks and sums. */
export function randomBytes(random: Random, length: number, values = 256): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = random.uint32() % values;
  return bytes;
}

/** Returns a changed copy: pieces inserted, deleted, moved, repeated, bytes changed. */
export function mutate(random: Random, bytes: Uint8Array, blockLength: number): Uint8Array {
  let result = bytes;
  const below = (limit: number): number => (limit <= 0 ? 0 : random.uint32() % limit);
  // Lengths at and around the block length find mistakes at its boundaries.
  const someLength = (): number =>
    below(2) === 0 ? below(3 * blockLength) : Math.max(0, blockLength * below(3) + below(3) - 1);
  for (let round = below(6); round > 0; round--) {
    const at = below(result.length + 1);
    const piece = result.slice(at, at + someLength());
    const other = below(result.length + 1);
    const before = result.subarray(0, at);
    const after = result.subarray(at + piece.length);
    const kind = below(5);
    if (kind === 0) result = concat(before, randomBytes(random, someLength()), result.subarray(at));
    else if (kind === 1) result = concat(before, after);
    else if (kind === 2) result = concat(result.subarray(0, other), piece, result.subarray(other));
    else if (kind === 3) result = concat(after, piece, before);
    else {
      result = result.slice();
      if (at < result.length) result[at] = random.uint32();
    }
  }
  return result;
}

/** Puts arrays of bytes together. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

export { seededRandom };
