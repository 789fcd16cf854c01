// The secrets of a session, one after the other: a receiver takes datagrams under the one that is in use and under those
// that were told to come after it, and none under one that is over.

import type { Head } from "./head.ts";
import { Opener } from "./sealing.ts";

/** Secrets that wait to be used. */
const waitingMax = 16;

/** Such secrets. */
export class Epochs {
  readonly #session: number;
  readonly #openers: Opener[];

  constructor(secret: Uint8Array, session: number, epoch: number) {
    this.#session = session;
    this.#openers = [new Opener(secret, session, epoch)];
  }

  /** The header of what was opened last. */
  get head(): Readonly<Head> {
    return (this.#openers[0] as Opener).head;
  }

  /** Another secret comes after those that are known. */
  add(secret: Uint8Array, epoch: number): void {
    this.#openers.push(new Opener(secret, this.#session, epoch));
    if (this.#openers.length > waitingMax) this.#openers.shift();
  }

  /** Returns the blocks of a datagram, and its header in `head`; undefined = it is to be ignored. Secrets before its own are over. */
  open(datagram: Uint8Array): Uint8Array | undefined {
    for (const [i, opener] of this.#openers.entries()) {
      const payload = opener.open(datagram);
      if (payload === undefined) continue;
      if (i > 0) this.#openers.splice(0, i);
      return payload;
    }
    return undefined;
  }
}
