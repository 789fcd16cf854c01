// An attacker: a thread that exchanges two names of a file system for one another as fast as it can
// (renameat2(2), RENAME_EXCHANGE), so that there is never a moment without either. What it does to
// this process it does to every other, too.

import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";

/** Words of the memory that the thread shares: asked to stop, exchanges made, has stopped. */
const words = { stop: 0, flips: 1, stopped: 2 } as const;
const patienceMs = 30_000;

const thread = `
const { parentPort, workerData } = require("node:worker_threads");
const koffi = require(workerData);
const exchange = koffi.load("libc.so.6")
  .func("int renameat2(int, const void*, int, const void*, unsigned int)");
parentPort.on("message", ({ one, other, memory }) => {
  const words = new Int32Array(memory);
  const [a, b] = [one, other].map((path) => Buffer.from(path + "\\0"));
  while (Atomics.load(words, 0) === 0) {
    if (exchange(-100, a, -100, b, 2) !== 0) continue;
    if (Atomics.add(words, 1, 1) === 0) Atomics.notify(words, 1);
  }
  Atomics.store(words, 2, 1);
  Atomics.notify(words, 2);
});
`;

let worker: Worker | undefined;

/** Says why nothing can be flipped here; false when it can. */
export function cannotFlip(): string | false {
  try {
    createRequire(import.meta.url)("koffi")
      .load("libc.so.6")
      .func("int renameat2()");
    return false;
  } catch {
    return "needs koffi and a C library with renameat2";
  }
}

/** Two names that are being exchanged. */
export interface Flipper {
  /** How often they have been exchanged so far. */
  readonly flips: number;
  /** Ends it; which of the two stands under which name is left to chance. */
  stop(): void;
}

/** Begins to exchange two names (absolute paths, ASCII); one flipper at a time. Returns once it has happened. */
export function startFlipper(one: string, other: string): Flipper {
  const koffi = createRequire(import.meta.url).resolve("koffi");
  worker ??= new Worker(thread, { eval: true, workerData: koffi, execArgv: [] });
  worker.unref();
  const shared = new Int32Array(new SharedArrayBuffer(12));
  worker.postMessage({ one, other, memory: shared.buffer });
  waitFor(shared, words.flips);
  return {
    get flips() {
      return Atomics.load(shared, words.flips);
    },
    stop: () => {
      Atomics.store(shared, words.stop, 1);
      waitFor(shared, words.stopped);
    },
  };
}

function waitFor(shared: Int32Array, word: number): void {
  const outcome = Atomics.wait(shared, word, 0, patienceMs);
  if (outcome === "timed-out") throw new Error("The thread that exchanges names does not answer.");
}
