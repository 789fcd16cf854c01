// A source of one file in simulated time: it has a rate, and may stall, die or lie.

import type { Clock } from "../../../src/base/index.ts";
import { digestOf } from "../../../src/hash/index.ts";
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
export interface Script {
  readonly url: string;
  /** Bytes a second of each connection. */
  readonly rate: number;
  /** Seconds from which on nothing comes, or connections break. */
  readonly stallsAt?: number;
  readonly diesAt?: number;
  /** Flips a bit of every byte at a multiple of so many. */
  readonly liesEvery?: number;
  readonly computesDigests?: boolean;
  /** It has another state of the file. */
  readonly isStale?: boolean;
}

const chunkSeconds = 0.05;

/** Such a source. */
export class ScriptedSource implements Source {
  readonly url: string;
  readonly digest?: NonNullable<Source["digest"]>;
  readonly #script: Script;
  readonly #content: Uint8Array;
  readonly #clock: Clock;
  /** Parts that were asked for. */
  readonly asked: SourcePart[] = [];

  constructor(script: Script, content: Uint8Array, clock: Clock) {
    this.url = script.url;
    this.#script = script;
    this.#content = content;
    this.#clock = clock;
    if (script.computesDigests === true) {
      this.digest = async (_file, { offset, length }) =>
        digestOf("blake3", content.subarray(offset, offset + length));
    }
  }

  async probe(): Promise<SourceAbilities> {
    return {
      ranges: true,
      listsAtOnce: true,
      digests: this.#script.computesDigests === true,
      tells: {
        modes: false,
        owners: false,
        symlinks: false,
        devices: false,
        hardLinks: false,
        directoryTimes: false,
      },
      timeStep: 1,
      connectionsMax: 2,
      depth: 1,
      generation: undefined,
    };
  }

  async list(): Promise<SourceListing> {
    const entry = { name: "file", kind: "file", size: this.#content.length, mtime: 1 } as const;
    return { entries: [entry], isComplete: true };
  }

  async look({ entry }: SourceFile): Promise<ListedEntry> {
    return entry;
  }

  async *read(_file: SourceFile, part: SourcePart, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const { rate, liesEvery, stallsAt, diesAt, isStale } = this.#script;
    this.asked.push(part);
    if (isStale === true) throw new SourceError("changed", "It is another file");
    const end = part.offset + part.length;
    const step = Math.max(1, Math.floor(rate * chunkSeconds));
    for (let at = part.offset; at < end; at += step) {
      await this.#wait(chunkSeconds, signal);
      const now = this.#clock.now() / 1000;
      if (now >= (diesAt ?? Number.POSITIVE_INFINITY)) {
        throw new SourceError("connection", "It has gone");
      }
      if (now >= (stallsAt ?? Number.POSITIVE_INFINITY)) await this.#wait(1e6, signal);
      const bytes = Uint8Array.from(this.#content.subarray(at, Math.min(end, at + step)));
      for (let i = 0; liesEvery !== undefined && i < bytes.length; i++) {
        if ((at + i) % liesEvery === 0) bytes[i] = (bytes[i] as number) ^ 1;
      }
      yield bytes;
    }
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  #wait(seconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.#clock.after(seconds * 1000, resolve);
      signal.addEventListener("abort", () => {
        stop();
        reject(signal.reason);
      });
    });
  }
}
