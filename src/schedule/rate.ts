// A rate limit that several threads share: one number in shared memory says when the bytes that
// were let through so far are paid for, as a leaky bucket does.

/** Bytes per second over all threads that hold the same memory. */
export class SharedRate {
  readonly #paidUntil: BigInt64Array;
  readonly #bytesPerSecond: number;
  readonly #now: () => number;

  /** `memory` holds 8 bytes, zero at the start; `now` gives milliseconds and must agree between threads. */
  constructor(memory: SharedArrayBuffer, bytesPerSecond: number, now: () => number) {
    this.#paidUntil = new BigInt64Array(memory);
    this.#bytesPerSecond = bytesPerSecond;
    this.#now = now;
  }

  /** Books the bytes and returns the milliseconds to wait before sending them; 0 = none. */
  book(bytes: number): number {
    const costMicros = BigInt(Math.ceil((bytes * 1e6) / this.#bytesPerSecond));
    const nowMicros = BigInt(Math.floor(this.#now() * 1000));
    for (;;) {
      const paid = Atomics.load(this.#paidUntil, 0);
      const from = paid > nowMicros ? paid : nowMicros;
      if (Atomics.compareExchange(this.#paidUntil, 0, paid, from + costMicros) === paid) {
        return Number(from - nowMicros) / 1000;
      }
    }
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the calling thread. For lanes only: it is their rate that is limited. */
export function sleep(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(sleeper, 0, 0, milliseconds);
}
