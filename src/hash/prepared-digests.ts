// The door to hash-wasm: digests that node:crypto does not have, in WebAssembly. Compiling that cannot be done at once, so
// they are prepared before they are made; after that they are as synchronous as the others.

import type { IHasher } from "hash-wasm";
import { assert } from "../base/index.ts";

/** Digests that are to be prepared, and their length in bytes. */
export const preparedLengths = { xxh128: 16, xxh3: 8, xxh64: 8, md4: 16 } as const;

/** One of them. */
export type PreparedName = keyof typeof preparedLengths;

/** A hasher is some hundred bytes of state in a memory of its own: those of one name and seed share it. */
const hashers = new Map<string, SharedHasher>();

/** Tells whether a word names one. */
export function isPreparedName(word: string): word is PreparedName {
  return Object.hasOwn(preparedLengths, word);
}

/**
 * Makes ready, in this thread, what hashes by that name; any other name is always ready. `seed` is xxHash's, 32 bits with a sign.
 * It takes some milliseconds, once for a name and seed.
 */
export async function prepareDigest(name: string, seed = 0): Promise<void> {
  if (!isPreparedName(name) || hashers.has(keyOf(name, seed))) return;
  hashers.set(keyOf(name, seed), new SharedHasher(await makeHasher(name, seed)));
}

/** Returns the hasher of that name and seed, which was prepared. */
export function preparedHasher(name: PreparedName, seed = 0): SharedHasher {
  const hasher = hashers.get(keyOf(name, seed));
  assert(hasher !== undefined, "A digest that is to be prepared was.");
  return hasher;
}

function keyOf(name: PreparedName, seed: number): string {
  return `${name}:${name === "md4" ? 0 : seed}`;
}

async function makeHasher(name: PreparedName, seed: number): Promise<IHasher> {
  // 64 bits, with the sign of the 32.
  const [low, high] = [seed >>> 0, (seed >> 31) >>> 0];
  if (name === "md4") {
    const { default: made } = await import("hash-wasm/dist/md4.umd.min.js");
    return await made.createMD4();
  }
  if (name === "xxh64") {
    const { default: made } = await import("hash-wasm/dist/xxhash64.umd.min.js");
    return await made.createXXHash64(low, high);
  }
  if (name === "xxh3") {
    const { default: made } = await import("hash-wasm/dist/xxhash3.umd.min.js");
    return await made.createXXHash3(low, high);
  }
  const { default: made } = await import("hash-wasm/dist/xxhash128.umd.min.js");
  return await made.createXXHash128(low, high);
}

/** One hasher for any number of digests at a time: whose turn it is not, keeps its state. */
class SharedHasher {
  readonly #hasher: IHasher;
  #turn: PreparedDigest | undefined;

  constructor(hasher: IHasher) {
    this.#hasher = hasher;
  }

  /** Returns the hasher with the state of this digest. */
  of(digest: PreparedDigest): IHasher {
    if (this.#turn === digest) return this.#hasher;
    this.leave();
    this.#turn = digest;
    return digest.state === undefined ? this.#hasher.init() : this.#hasher.load(digest.state);
  }

  /** Returns it for whoever is done with it before anybody else can ask. */
  fresh(): IHasher {
    this.leave();
    return this.#hasher.init();
  }

  /** Whose turn it was keeps the state. */
  leave(): void {
    if (this.#turn !== undefined) this.#turn.state = this.#hasher.save();
    this.#turn = undefined;
  }

  /** Whose turn it was is done. */
  end(): void {
    this.#turn = undefined;
  }
}

/** The incremental digest (digest.ts). */
export class PreparedDigest {
  readonly name: PreparedName;
  readonly length: number;
  readonly #shared: SharedHasher;
  state: Uint8Array | undefined;

  constructor(name: PreparedName) {
    this.name = name;
    this.length = preparedLengths[name];
    this.#shared = preparedHasher(name);
  }

  update(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.#shared.of(this).update(bytes.subarray(start, end));
  }

  digest(): Uint8Array {
    const digest = inOrder(this.name, this.#shared.of(this).digest("binary"));
    this.#shared.end();
    return digest;
  }
}

/** Returns a digest in hexadecimal, as people know it: of a number the highest digit is first. */
export function digestDigits(name: string, digest: Uint8Array): string {
  const bytes = Buffer.from(digest);
  return (isPreparedName(name) ? inOrder(name, bytes) : bytes).toString("hex");
}

/** xxHash is a number, which travels with its low bytes first; the package has them last. Turns the array itself round. */
export function inOrder<T extends Uint8Array>(name: PreparedName, digest: T): T {
  if (name !== "md4") digest.reverse();
  return digest;
}
