// One connection at work: brings what it has been given, part after part, and stops where somebody else has taken over.

import type { ListedEntry, SourceFile } from "../source.ts";
import type { Assignment, Part } from "./assignment.ts";
import { splitBytesMin } from "./limits.ts";
import type { RunningSource } from "./pull-source.ts";
import { type PulledFile, unitBytesMax } from "./pulled-file.ts";

/** Who hears of what comes. */
export interface BringHost {
  readonly file: (number: number) => PulledFile | undefined;
  readonly arrived: (assignment: Assignment, bytes: number) => void;
  /** The reference's entry, as it is to be shown to this source. */
  readonly expected: (entry: ListedEntry, source: RunningSource) => ListedEntry;
}

/** Brings all of an assignment. Rejects with SourceError, or the signal's reason; what has come until then is kept. */
export async function bring(
  source: RunningSource,
  assignment: Assignment,
  host: BringHost,
  signal: AbortSignal,
): Promise<void> {
  for (let n = 0; n < assignment.parts.length; ) {
    const files = bundleFrom(source, assignment, n, host);
    if (files.length > 1) {
      await bringBundle(source, { assignment, first: n, files }, host, signal);
      n += files.length;
    } else {
      await bringPart(source, { assignment, number: n }, host, signal);
      n++;
    }
  }
}

/** Whole small files that stand one behind the other. */
function bundleFrom(
  { settings }: RunningSource,
  { parts }: Assignment,
  first: number,
  host: BringHost,
): PulledFile[] {
  const files: PulledFile[] = [];
  if (settings.source.readFiles === undefined) return files;
  for (let n = first; n < parts.length; n++) {
    const { file: number, from, to } = parts[n] as Part;
    const file = host.file(number);
    const isWhole = from === 0 && to === file?.order.size && to < splitBytesMin;
    if (file === undefined || !isWhole) break;
    files.push(file);
  }
  return files;
}

async function bringBundle(
  source: RunningSource,
  {
    assignment,
    first,
    files,
  }: { readonly assignment: Assignment; readonly first: number; readonly files: PulledFile[] },
  host: BringHost,
  signal: AbortSignal,
): Promise<void> {
  const unit = new Unit(source);
  const wanted = files.map((file) => wantedOf(file, source, host));
  let last = -1;
  const chunks = source.settings.source.readFiles?.(wanted, signal) ?? [];
  try {
    for await (const { file: number, bytes } of chunks) {
      if (number !== last) {
        unit.flush();
        // The end of the work is somebody else's by now.
        if (first + number >= assignment.parts.length) return;
        unit.begin(files[number], 0);
        last = number;
      }
      await pass(source, bytes, signal, (slice) => {
        unit.add(slice);
        host.arrived(assignment, slice.length);
      });
    }
  } finally {
    unit.flush();
  }
}

async function bringPart(
  source: RunningSource,
  { assignment, number }: { readonly assignment: Assignment; readonly number: number },
  host: BringHost,
  signal: AbortSignal,
): Promise<void> {
  const { file: fileNumber, from, to } = assignment.parts[number] as Part;
  const file = host.file(fileNumber);
  if (file === undefined) {
    // It cannot be had from anybody else, and nobody waits for it.
    host.arrived(assignment, to - from);
    return;
  }
  const unit = new Unit(source);
  unit.begin(file, from);
  let position = from;
  const end = (): number => assignment.parts[number]?.to ?? position;
  const part = { offset: from, length: to - from };
  try {
    for await (const bytes of source.settings.source.read(
      wantedOf(file, source, host),
      part,
      signal,
    )) {
      await pass(source, bytes, signal, (slice) => {
        const taken = slice.subarray(0, Math.max(0, Math.min(slice.length, end() - position)));
        if (taken.length === 0) return;
        unit.add(taken);
        position += taken.length;
        host.arrived(assignment, taken.length);
      });
      // Its end is somebody else's by now. A part that is all there ends by itself, and leaves its connection to the next one.
      if (position >= end() && end() < to) return;
    }
  } finally {
    unit.flush();
  }
}

/** Hands on what came, as fast as the source's limit lets it through. */
async function pass(
  { throttle }: RunningSource,
  bytes: Uint8Array,
  signal: AbortSignal,
  take: (slice: Uint8Array) => void,
): Promise<void> {
  if (throttle === undefined) {
    take(bytes);
    return;
  }
  const { sliceBytes } = throttle;
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    const slice = bytes.subarray(at, at + sliceBytes);
    await throttle.turn(slice.length, signal);
    take(slice);
  }
}

function wantedOf(file: PulledFile, source: RunningSource, host: BringHost): SourceFile {
  const { path, entry } = file.order;
  return { path, entry: host.expected(entry, source) };
}

/** Collects what one connection brings of a file. */
class Unit {
  readonly #source: RunningSource;
  #file: PulledFile | undefined;
  #room = new Uint8Array(0);
  #from = 0;
  #used = 0;

  constructor(source: RunningSource) {
    this.#source = source;
  }

  begin(file: PulledFile | undefined, from: number): void {
    this.#file = file;
    this.#from = from;
    this.#used = 0;
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const open = unitBytesMax - (this.#from % unitBytesMax);
      if (this.#used === 0) {
        const left = (this.#file?.order.size ?? 0) - this.#from;
        this.#room = new Uint8Array(Math.min(open, Math.max(left, bytes.length - at)));
      }
      const taken = Math.min(bytes.length - at, this.#room.length - this.#used);
      this.#room.set(bytes.subarray(at, at + taken), this.#used);
      this.#used += taken;
      at += taken;
      if (this.#used === this.#room.length) this.flush();
    }
  }

  flush(): void {
    if (this.#used === 0) return;
    const bytes = this.#room.subarray(0, this.#used);
    void this.#file?.offer(this.#source.number, this.#from, bytes);
    this.#from += this.#used;
    this.#used = 0;
  }
}
