// How far away a source is, and how fast: found out by reading a little of it.

import type { Clock } from "../base/index.ts";
import { connectionsFirst } from "./many/limits.ts";
import { nearEntries } from "./near-files.ts";
import type { Source, SourceAbilities, SourceFile } from "./source.ts";
import { SourceError } from "./source-error.ts";

/** What was found. */
export interface MeasuredSource {
  /** Seconds to the first byte of a small answer: the shortest of some. */
  readonly latency: number;
  /** Bytes a second over `connections`; undefined = there was not enough to tell. */
  readonly rate: number | undefined;
  readonly connections: number;
}

/** What measuring takes besides the source. */
export interface MeasureSettings {
  readonly abilities: SourceAbilities;
  readonly clock: Clock;
  /** Connections at most. */
  readonly connectionsMax: number;
}

const answersAsked = 3;
/** It takes no longer, nor more bytes of the source. */
const secondsMax = 2;
const bytesMax = 32 * 1024 * 1024;
const pieceBytes = 4 * 1024 * 1024;
/** Less tells nothing of a rate. */
const bytesMin = 16 * 1024;
const filesMax = 64;

/** Reads some of what lies near the top. Undefined = there is no file there. Rejects with SourceError. */
export async function measureSource(
  source: Source,
  settings: MeasureSettings,
  signal: AbortSignal,
): Promise<MeasuredSource | undefined> {
  const files = (await nearEntries(source, signal)).filter(isOfUse);
  files.sort((a, b) => (b.entry.size ?? 0) - (a.entry.size ?? 0));
  const [largest] = files;
  if (largest === undefined) return undefined;
  const latency = await latencyOf(source, largest, settings.clock, signal);
  const connections = Math.min(connectionsFirst, settings.connectionsMax);
  const parts = partsOf(files.slice(0, filesMax), settings.abilities.ranges);
  const rate = await rateOf(source, parts, { clock: settings.clock, connections }, signal);
  return { latency, rate, connections };
}

function isOfUse({ entry }: SourceFile): boolean {
  return entry.kind === "file" && entry.size !== undefined && entry.size > 0 && !entry.sizeSlack;
}

async function latencyOf(
  source: Source,
  file: SourceFile,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let n = 0; n < answersAsked; n++) {
    const began = clock.now();
    for await (const _ of source.read(file, { offset: 0, length: 1 }, signal)) break;
    shortest = Math.min(shortest, (clock.now() - began) / 1000);
  }
  return shortest;
}

interface FilePart {
  readonly file: SourceFile;
  readonly offset: number;
  readonly length: number;
}

function partsOf(files: readonly SourceFile[], ranges: boolean): FilePart[] {
  const parts: FilePart[] = [];
  let left = bytesMax;
  for (const file of files) {
    const size = file.entry.size ?? 0;
    const step = ranges ? pieceBytes : size;
    for (let offset = 0; offset < size && left > 0; offset += step) {
      const length = Math.min(step, size - offset);
      parts.push({ file, offset, length });
      left -= length;
    }
  }
  return parts;
}

async function rateOf(
  source: Source,
  parts: readonly FilePart[],
  { clock, connections }: { readonly clock: Clock; readonly connections: number },
  signal: AbortSignal,
): Promise<number | undefined> {
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const stop = clock.after(secondsMax * 1000, () => over.abort(enough));
  const waiting = parts[Symbol.iterator]();
  const began = clock.now();
  let bytes = 0;
  let lastAt = began;
  const work = async (): Promise<void> => {
    for (const { file, offset, length } of waiting) {
      for await (const chunk of source.read(file, { offset, length }, both)) {
        bytes += chunk.length;
        lastAt = clock.now();
      }
    }
  };
  try {
    const works = await Promise.allSettled(Array.from({ length: connections }, work));
    signal.throwIfAborted();
    for (const one of works) {
      if (one.status === "rejected" && one.reason !== enough && bytes === 0) throw one.reason;
      if (one.status === "rejected" && !isTrouble(one.reason)) throw one.reason;
    }
  } finally {
    stop();
  }
  const end = over.signal.aborted ? clock.now() : lastAt;
  const seconds = (end - began) / 1000;
  return bytes < bytesMin || seconds <= 0 ? undefined : bytes / seconds;
}

/** What a source may do in the middle of it: what came before counts. */
function isTrouble(error: unknown): boolean {
  return error === enough || error instanceof SourceError;
}

const enough = new Error("That tells enough.");
