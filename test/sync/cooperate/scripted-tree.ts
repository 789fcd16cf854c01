// A source of some files in simulated time: it has a rate, and may stall, lie, or have other files.

import type { Clock } from "../../../src/base/index.ts";
import {
  type ListedEntry,
  type Source,
  type SourceAbilities,
  SourceError,
  type SourceFile,
  type SourceListing,
  type SourcePart,
} from "../../../src/source/index.ts";

/** How it behaves. */
export interface TreeScript {
  readonly url: string;
  /** Bytes a second. */
  readonly rate: number;
  /** Seconds from which on nothing comes. */
  readonly stallsAt?: number;
  /** Flips a bit of every byte at a multiple of so many. */
  readonly liesEvery?: number;
  /** It has another state of every second file. */
  readonly isStale?: boolean;
}

const chunkSeconds = 0.05;

/** Such a source. */
export class ScriptedTree implements Source {
  readonly url: string;
  readonly #script: TreeScript;
  readonly #contents: ReadonlyMap<string, Uint8Array>;
  readonly #clock: Clock;
  #free = 0;

  constructor(script: TreeScript, contents: ReadonlyMap<string, Uint8Array>, clock: Clock) {
    this.url = script.url;
    this.#script = script;
    this.#contents = contents;
    this.#clock = clock;
  }

  async probe(): Promise<SourceAbilities> {
    const knows = { modes: false, owners: false, symlinks: false, devices: false };
    return {
      ...{ ranges: true, listsAtOnce: true, digests: false, timeStep: 1, connectionsMax: 1 },
      ...{ depth: 1, generation: undefined },
      tells: { ...knows, hardLinks: false, directoryTimes: false },
    };
  }

  async list(): Promise<SourceListing> {
    return { entries: [], isComplete: true };
  }

  async look({ entry }: SourceFile): Promise<ListedEntry> {
    return entry;
  }

  async *read(
    { path }: SourceFile,
    { offset, length }: SourcePart,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const { rate, liesEvery, stallsAt = Number.POSITIVE_INFINITY, isStale } = this.#script;
    const content = this.#contents.get(path);
    if (content === undefined) throw new SourceError("absent", "There is no such file");
    if (isStale === true && path !== "large")
      throw new SourceError("changed", "It is another file");
    const step = Math.max(1, Math.floor(rate * chunkSeconds));
    for (let at = offset; at < offset + length; at += step) {
      const bytes = Uint8Array.from(content.subarray(at, Math.min(offset + length, at + step)));
      await this.#wait((bytes.length / rate) * 1000, signal);
      if (this.#clock.now() / 1000 >= stallsAt) await this.#wait(1e9, signal);
      for (let i = 0; liesEvery !== undefined && i < bytes.length; i++) {
        if ((at + i) % liesEvery === 0) bytes[i] = (bytes[i] as number) ^ 1;
      }
      yield bytes;
    }
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  /** All connections together have the rate. */
  #wait(ms: number, signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    this.#free = Math.max(this.#free, now) + (ms < 1e9 ? ms : 0);
    const delay = ms < 1e9 ? this.#free - now : ms;
    return new Promise((resolve, reject) => {
      const abandon = (): void => {
        stop();
        reject(signal.reason);
      };
      const stop = this.#clock.after(delay, () => {
        signal.removeEventListener("abort", abandon);
        resolve();
      });
      signal.addEventListener("abort", abandon, { once: true });
    });
  }
}
