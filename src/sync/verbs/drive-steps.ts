// Work in steps beside a connection: that has its turns in between, and the work waits while nobody takes
// what it sends.

import type { Clock } from "../../base/index.ts";
import type { Switchboard } from "../far/switchboard.ts";
import type { Steps } from "./steps.ts";

/** The connection gets a turn this often, in milliseconds. */
const turnMs = 20;

/** What such work depends on. */
export interface Driving {
  readonly board: Switchboard;
  readonly clock: Clock;
  /** Ends the work with its reason, a ManifoldError. */
  readonly signal: AbortSignal;
}

/** Does the steps; hears of the board's room while it does. Rejects with what they throw, or the signal's reason. */
export async function driveSteps<T>(
  steps: Steps<T>,
  { board, clock, signal }: Driving,
): Promise<T> {
  try {
    for (let turn = clock.now(); ; ) {
      signal.throwIfAborted();
      const step = steps.next();
      if (step.done === true) return step.value;
      if (step.value !== undefined) await orAborted(step.value, signal);
      if (!board.peer.isFull && clock.now() - turn < turnMs) continue;
      await orAborted(board.peer.isFull ? drained(board) : turned(), signal);
      turn = clock.now();
    }
  } finally {
    // Closes what an unfinished one holds open; its result is for nobody.
    steps.return(undefined as T);
  }
}

/** Waits for the promise, or rejects with the signal's reason. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function drained(board: Switchboard): Promise<void> {
  return new Promise((resolve) => board.onDrained(resolve));
}

function turned(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
