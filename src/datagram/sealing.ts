// Seals and opens datagrams under a session's keys. The nonce is a secret salt and the datagram's counter,
// which grows by one with every datagram, repairs included: no nonce is ever used twice under a key.

import { assert } from "../base/index.ts";
import {
  type SealKey,
  seal,
  sealKey,
  sealKeyBytes,
  sealNonceBytes,
  sealTagBytes,
  secretBytes,
  unseal,
} from "../hash/index.ts";
import { Head, headBytes, readHead, writeHead } from "./head.ts";
import { countersMax, replayWindow } from "./limits.ts";

const saltBytes = sealNonceBytes - 8;

/** Bytes of a session's secret: the key, then the salt of its nonces. */
export const secretLength = sealKeyBytes + saltBytes;

/** Bytes that a datagram has besides its blocks. */
export const overheadBytes = headBytes + sealTagBytes;

/** Headers of IPv6 and UDP; IPv4's are shorter. */
const wireBytesMax = 48;
/** Longer datagrams save little more, and what a mishap loses grows with them. */
const packetBytesMax = 32 * 1024;

/** Returns how many blocks go into a datagram that fits into packets of such a length; undefined = of a usual one. */
export function largestCount(packetBytes: number | undefined, blockBytes: number): number {
  const room = Math.min(packetBytes ?? 0, packetBytesMax) - wireBytesMax - overheadBytes;
  return Math.max(1, Math.floor(room / blockBytes));
}

/** Returns a secret for a new session or epoch. */
export function newSecret(): Uint8Array {
  return secretBytes(secretLength);
}

const word = 2 ** 32;

class Nonce {
  readonly bytes = new Uint8Array(sealNonceBytes);
  readonly #view = new DataView(this.bytes.buffer);

  constructor(secret: Uint8Array) {
    assert(secret.length === secretLength, "A secret has its length.");
    this.bytes.set(secret.subarray(sealKeyBytes));
  }

  at(counter: number): Uint8Array {
    this.#view.setUint32(saltBytes, Math.floor(counter / word));
    this.#view.setUint32(saltBytes + 4, counter % word);
    return this.bytes;
  }
}

/** Makes datagrams. There is one in the world for each secret. */
export class Sealer {
  readonly #key: SealKey;
  readonly #nonce: Nonce;
  readonly #epoch: number;
  readonly #session: number;
  readonly #head = new Head();
  #last = -1;

  constructor(secret: Uint8Array, session: number, epoch: number) {
    this.#key = sealKey(secret.subarray(0, sealKeyBytes));
    this.#nonce = new Nonce(secret);
    this.#session = session;
    this.#epoch = epoch;
  }

  /** Writes the datagram to the start of `target` and returns its length. Counters only ever grow. */
  seal(
    target: Uint8Array,
    { kind, flags, counter, block, count }: Omit<Head, "epoch" | "session">,
    payload: Uint8Array,
  ): number {
    assert(counter > this.#last && counter < countersMax, "A counter is used once.");
    this.#last = counter;
    const head = this.#head;
    head.kind = kind;
    head.flags = flags;
    head.epoch = this.#epoch;
    head.session = this.#session;
    head.counter = counter;
    head.block = block;
    head.count = count;
    writeHead(target, head);
    return seal(this.#key, this.#nonce.at(counter), target, headBytes, payload);
  }
}

/** Opens datagrams, each once. */
export class Opener {
  readonly #key: SealKey;
  readonly #nonce: Nonce;
  readonly #epoch: number;
  readonly #session: number;
  readonly #seen = new Uint8Array(replayWindow);
  #highest = -1;
  /** The header of what was opened last. */
  readonly head = new Head();
  /** Datagrams that were none of this session's, did not open, and had come before. */
  foreign = 0;
  forged = 0;
  replayed = 0;

  constructor(secret: Uint8Array, session: number, epoch: number) {
    this.#key = sealKey(secret.subarray(0, sealKeyBytes));
    this.#nonce = new Nonce(secret);
    this.#session = session;
    this.#epoch = epoch;
  }

  /** The highest counter that has come; -1 = none. */
  get highest(): number {
    return this.#highest;
  }

  /** Returns the blocks of a datagram, and its header in `head`; undefined = it is to be ignored. */
  open(datagram: Uint8Array): Uint8Array | undefined {
    const { head } = this;
    if (
      !readHead(datagram, head) ||
      head.session !== this.#session ||
      head.epoch !== this.#epoch ||
      head.counter >= countersMax
    ) {
      this.foreign++;
      return undefined;
    }
    const { counter } = head;
    if (this.#isKnown(counter)) {
      this.replayed++;
      return undefined;
    }
    const payload = unseal(this.#key, this.#nonce.at(counter), datagram, headBytes);
    if (payload === undefined) {
      this.forged++;
      return undefined;
    }
    this.#note(counter);
    return payload;
  }

  /** What is older than the window counts as known: its blocks will come again. */
  #isKnown(counter: number): boolean {
    if (counter > this.#highest) return false;
    return counter <= this.#highest - replayWindow || this.#seen[counter % replayWindow] === 1;
  }

  #note(counter: number): void {
    const from = Math.max(this.#highest + 1, counter - replayWindow + 1);
    for (let passed = from; passed < counter; passed++) this.#seen[passed % replayWindow] = 0;
    this.#seen[counter % replayWindow] = 1;
    if (counter > this.#highest) this.#highest = counter;
  }
}
