// What the system tells of the calling thread: how long it ran, and how often it gave its processor
// up because it had to wait, or had it taken away (clock_gettime(2), getrusage(2)).
//
// Linux also counts the time in which a thread was ready to run (/proc/PID/schedstat), but since it
// leaves threads that sleep in the queue for a while (6.12, DELAY_DEQUEUE), that time is wrong exactly
// where it matters, on a busy machine: 20 of 30 ms asleep were "ready" at a load of 45.

import { loadSystemCalls } from "../native/index.ts";

/** A thread's past since its start. */
export interface ThreadPast {
  /** Milliseconds in which it ran. */
  readonly ranMs: number;
  /** Times that it went to sleep, waiting for something. */
  readonly waits: number;
  /** Times that it would have gone on and was not let. */
  readonly preemptions: number;
}

const CLOCK_THREAD_CPUTIME_ID = 3;
const RUSAGE_THREAD = 1;
/** Where struct rusage has its counts: behind two times and twelve other numbers of 64 bits. */
const waitsOffset = 128;
const preemptionsOffset = 136;

/** Returns a function that tells the past of the thread that calls it; undefined where the system does not tell. */
export function watchThread(): (() => ThreadPast) | undefined {
  const calls = loadSystemCalls();
  if (calls === undefined) return undefined;
  const { call } = calls;
  // Numbers of 64 bits, each as two words; of none is the upper one ever needed.
  const words = new Uint32Array(64);
  const address = calls.address(new Uint8Array(words.buffer));
  return () => {
    call.clock_gettime(CLOCK_THREAD_CPUTIME_ID, address);
    const ranMs = (words[0] as number) * 1000 + (words[2] as number) / 1e6;
    call.getrusage(RUSAGE_THREAD, address);
    return {
      ranMs,
      waits: words[waitsOffset / 4] as number,
      preemptions: words[preemptionsOffset / 4] as number,
    };
  };
}
