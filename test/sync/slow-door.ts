// The description of a slow door, as it travels to the threads that open one.

import type { FaultyOptions } from "../../src/fs/index.ts";

/** How slow, and where all threads add up the microseconds that their calls were away. */
export interface SlowDoor {
  readonly latencyMs: number;
  /** One BigInt64. */
  readonly micros: SharedArrayBuffer;
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** The options of a faulty door that is slow: each call blocks its thread. */
export function slowly({ latencyMs, micros }: SlowDoor): FaultyOptions {
  const sum = new BigInt64Array(micros);
  return {
    delay: () => {
      const began = performance.now();
      Atomics.wait(sleeper, 0, 0, latencyMs);
      Atomics.add(sum, 0, BigInt(Math.round((performance.now() - began) * 1000)));
    },
  };
}
