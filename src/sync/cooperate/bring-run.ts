// One connection at work: asks its source for what of a run of pieces is missing, file after file, as much in one request as lies
// together.

import {
  type ListedEntry,
  type PullSource,
  SourceError,
  type SourceFile,
  type Throttle,
} from "../../source/index.ts";
import type { ChosenRun } from "./choose-run.ts";
import type { Collector } from "./collector.ts";
import type { OrderedFile } from "./order-record.ts";

/** What it needs. */
export interface BringHost {
  readonly pull: PullSource;
  /** Undefined = it tells no times: nobody can say whether it has the same file. */
  readonly timeSlack: number | undefined;
  readonly throttle: Throttle | undefined;
  readonly signal: AbortSignal;
  readonly collector: Collector;
  readonly arrived: (bytes: number) => void;
  /** The source does not have a part of the order as it is wanted. */
  readonly lacks: (from: number, to: number) => void;
}

/** Part of one file. */
interface Read {
  readonly file: OrderedFile;
  /** Where the file begins in the order. */
  readonly start: number;
  readonly offset: number;
  readonly length: number;
}

/** Brings it. Rejects with SourceError, or the signal's reason; what came until then is given. */
export async function bringRun(run: ChosenRun, host: BringHost): Promise<void> {
  const { collector } = host;
  const reads = readsOf(run).filter((read) => canAgree(read, host));
  try {
    for (let n = 0; n < reads.length && !collector.isOver; ) {
      const bundle = host.pull.source.readFiles === undefined ? 1 : bundleFrom(reads, n);
      n +=
        bundle > 1
          ? await readBundle(reads.slice(n, n + bundle), host)
          : await readPart(reads[n] as Read, host);
    }
  } finally {
    collector.flush();
  }
}

/** What is missing, by files. */
function readsOf({ order, pieces }: ChosenRun): Read[] {
  const reads: Read[] = [];
  for (const { index, first, last } of pieces) {
    for (const span of order.missing(index)) {
      for (let f = first; f <= last; f++) {
        const start = order.starts[f] as number;
        const file = order.record.files[f] as OrderedFile;
        const from = Math.max(span.from, start);
        const to = Math.min(span.to, start + file.size);
        if (from >= to) continue;
        const before = reads.at(-1);
        const goesOn =
          before?.file === file && before.start + before.offset + before.length === from;
        if (goesOn) reads[reads.length - 1] = { ...before, length: before.length + to - from };
        else reads.push({ file, start, offset: from - start, length: to - from });
      }
    }
  }
  return reads;
}

/** Whoever knows of no times cannot say that it has the same file, unless that can be seen by a digest. */
function canAgree({ file, start }: Read, { timeSlack, lacks }: BringHost): boolean {
  if (timeSlack !== undefined || file.isProven) return true;
  lacks(start, start + file.size);
  return false;
}

/** How many whole files stand one behind the other. */
function bundleFrom(reads: readonly Read[], first: number): number {
  const isWhole = ({ file, offset, length }: Read): boolean => offset === 0 && length === file.size;
  const end = reads.findIndex((read, n) => n >= first && !isWhole(read));
  return (end < 0 ? reads.length : end) - first;
}

/** Returns how many reads are done with. */
async function readBundle(reads: readonly Read[], host: BringHost): Promise<number> {
  const { collector, pull, signal } = host;
  let current = -1;
  let came = 0;
  try {
    const files = reads.map(({ file }) => sourceFile(file, host));
    for await (const { file: number, bytes } of pull.source.readFiles?.(files, signal) ?? []) {
      const { start } = reads[number] as Read;
      if (number !== current) {
        collector.begin(start);
        current = number;
        came = 0;
      }
      came += bytes.length;
      await pass(bytes, host);
      if (collector.isOver) break;
    }
    return reads.length;
  } catch (error) {
    const isWhole = current >= 0 && came === reads[current]?.file.size;
    const begun = isWhole ? current + 1 : Math.max(0, current);
    const named = error instanceof SourceError ? error.file : undefined;
    const failed = reads[named ?? begun];
    // A part of a small file is of no use.
    if (current >= 0 && !isWhole) collector.cut((reads[current] as Read).start);
    if (failed === undefined || !isAbout(error)) throw error;
    host.lacks(failed.start, failed.start + failed.file.size);
    return (named ?? begun) + 1;
  }
}

async function readPart(read: Read, host: BringHost): Promise<number> {
  const { collector, pull, signal } = host;
  const { file, start, offset, length } = read;
  // Who cannot begin anywhere begins at the beginning.
  const skipped = pull.abilities.ranges ? 0 : offset;
  let position = start + offset - skipped;
  const part = { offset: offset - skipped, length: length + skipped };
  try {
    for await (const bytes of pull.source.read(sourceFile(file, host), part, signal)) {
      const isWanted = position + bytes.length > start + offset;
      const wanted = isWanted ? bytes.subarray(Math.max(0, start + offset - position)) : undefined;
      position += bytes.length;
      if (wanted === undefined) {
        host.arrived(bytes.length);
        continue;
      }
      collector.begin(position - wanted.length);
      await pass(wanted, host);
      if (collector.isOver) break;
    }
  } catch (error) {
    if (!isAbout(error)) throw error;
    host.lacks(start, start + file.size);
  }
  return 1;
}

/** Hands on what came, as fast as the source's limit lets it through. */
async function pass(
  bytes: Uint8Array,
  { throttle, signal, arrived, collector }: BringHost,
): Promise<void> {
  const step = throttle?.sliceBytes ?? Math.max(1, bytes.length);
  for (let at = 0; at < bytes.length && !collector.isOver; at += step) {
    const slice = bytes.subarray(at, at + step);
    await throttle?.turn(slice.length, signal);
    collector.add(slice);
    arrived(slice.length);
  }
}

/** The file is the trouble, not the source. */
function isAbout(error: unknown): error is SourceError {
  if (!(error instanceof SourceError)) return false;
  return ["absent", "changed", "unreadable"].includes(error.trouble);
}

/** What the source is told of a file: it refuses one of another size or time. */
function sourceFile(file: OrderedFile, { timeSlack }: BringHost): SourceFile {
  const { path, size, mtime, mtimeNanos, isProven } = file;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const time = isProven ? {} : { mtime, mtimeNanos, mtimeSlack: timeSlack };
  const entry: ListedEntry = { name, kind: "file", size, ...time };
  return { path, entry };
}
