// Time and randomness, injected, so that a test can replay a run.

import process from "node:process";

/** What a component may know about time. */
export interface Clock {
  /** Milliseconds on a monotonic clock with an arbitrary origin. */
  now(): number;
  /** Milliseconds since 1970 on the wall clock. */
  wallTime(): number;
  /** Calls back after at least `delayMs`; returns a function that cancels. */
  after(delayMs: number, callback: () => void): () => void;
  /** Milliseconds that the calling thread has had nothing to do, since its start; absent where nobody knows. */
  idleMs?(): number;
}

/** The machine's clocks. Timers do not keep the process alive. */
export const systemClock: Clock = {
  // Not performance.now(): the first use of that loads eleven modules of Node's.
  now: () => {
    const [seconds, nanos] = process.hrtime();
    return seconds * 1000 + nanos / 1e6;
  },
  wallTime: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
  idleMs: () => performance.eventLoopUtilization().idle,
};

/** A source of random numbers. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number;
}

/**
 * Random numbers from the engine's own generator, which the operating system seeds: for names that nothing else is to
 * have, and for jitter. Who sees some of them can tell the next. Nothing has to be loaded for them.
 */
export const plainRandom: Random = { uint32: () => Math.floor(Math.random() * 2 ** 32) };

/** Random numbers that nobody can guess, from the operating system, through the global Web Crypto. */
export const systemRandom: Random = {
  uint32: () => globalThis.crypto.getRandomValues(new Uint32Array(1))[0] as number,
};

/** Returns a small deterministic generator (mulberry32) for tests and simulations. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    uint32: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = state;
      mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return (mixed ^ (mixed >>> 14)) >>> 0;
    },
  };
}
