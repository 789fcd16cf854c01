// A tree at an end of ours (manifold://HOST/MODULE/PATH, or HOST:PATH where manifold is) as a source of many: listed by one walk, read in
// any parts over one connection. Its list lies in memory, some hundred bytes an entry.

import { type ByteString, joinPath } from "../../base/index.ts";
import type { DirectoryRecord } from "../../session/index.ts";
import {
  type FileChunk,
  type ListedEntry,
  ListingRecords,
  type Source,
  type SourceAbilities,
  SourceError,
  type SourceFile,
  type SourceListing,
  type SourcePart,
} from "../../source/index.ts";
import { isRegular } from "../../tree/index.ts";
import { type AgentFile, AgentLine, type AgentPart, type AgentPlace } from "./agent-line.ts";
import { notAsListed } from "./as-listed.ts";
import { insideOfPlace, tellsAll } from "./program-place.ts";
import { rsyncTrouble } from "./rsync-trouble.ts";

/** Parts of one read that are asked for ahead, and how long they are. */
const [partsAhead, partBytes] = [3, 1024 * 1024];
/** Reads at a time: over one connection. */
const connectionsMax = 4;
/** Files of a bundle that are asked for before the first has come. */
const filesAhead = 32;
const [missing, denied] = [2, 13];

/** What a walk has told. */
interface Walked {
  readonly line: AgentLine;
  readonly listing: ReturnType<ListingRecords["finish"]>;
  readonly files: ReadonlyMap<ByteString, AgentFile>;
}

/** Such a source. */
export class AgentMirror implements Source {
  readonly url: string;
  readonly #place: AgentPlace;
  #line: Promise<AgentLine> | undefined;
  #open: AgentLine | undefined;
  #closing = new AbortController();
  #walked: Promise<Walked> | undefined;

  constructor(url: string, place: AgentPlace) {
    this.url = url;
    this.#place = insideOfPlace(place);
  }

  async probe(signal: AbortSignal): Promise<SourceAbilities> {
    await this.#until(this.#connect(), signal);
    return {
      ranges: true,
      listsAtOnce: false,
      listing: "manifold's own walk",
      digests: false,
      tells: tellsAll,
      timeStep: 0,
      connectionsMax,
      depth: filesAhead,
      generation: undefined,
    };
  }

  async list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    const { listing } = await this.#until(this.#walk(), signal);
    return listing.list(path, signal);
  }

  async look({ path, entry }: SourceFile, signal: AbortSignal): Promise<ListedEntry> {
    const { listing } = await this.#until(this.#walk(), signal);
    const found = listing.find(path);
    if (found?.kind !== "file") throw absent();
    const { size, mtime, mtimeNanos } = found;
    return { ...entry, size, mtime, mtimeNanos };
  }

  async *read(file: SourceFile, part: SourcePart, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const walked = await this.#until(this.#walk(), signal);
    const { at, entry } = fileOf(walked, file);
    const end = part.offset + part.length;
    const asked: Promise<AgentPart>[] = [];
    let next = part.offset;
    try {
      for (let from = part.offset; from < end; ) {
        while (asked.length < partsAhead && next < end) {
          const length = Math.min(partBytes, end - next);
          asked.push(walked.line.part(at, next, length));
          next += length;
        }
        const wanted = Math.min(partBytes, end - from);
        const came = await this.#until(asked[0] as Promise<AgentPart>, signal);
        asked.shift();
        try {
          checkPart(came, entry, wanted);
          from += wanted;
          yield came.bytes;
        } finally {
          came.done();
        }
      }
    } finally {
      leave(asked);
    }
  }

  async *readFiles(files: readonly SourceFile[], signal: AbortSignal): AsyncIterable<FileChunk> {
    const walked = await this.#until(this.#walk(), signal);
    const asked: Promise<AgentPart>[] = [];
    const firstPart = (n: number): Promise<AgentPart> => {
      const file = files[n] as SourceFile;
      const { at, entry } = fileOf(walked, file);
      return walked.line.part(at, 0, Math.max(1, Math.min(partBytes, entry.size ?? 0)));
    };
    // Whoever is asked for a bundle brings what stands before the first file that it does not have.
    const firstBad = files.findIndex((file) => troubleOf(walked, file) !== undefined);
    const count = firstBad < 0 ? files.length : firstBad;
    try {
      for (let n = 0; n < count; n++) {
        for (let k = n + asked.length; k < Math.min(count, n + filesAhead); k++) {
          asked.push(firstPart(k));
        }
        const file = files[n] as SourceFile;
        const { entry } = fileOf(walked, file);
        const size = entry.size ?? 0;
        const came = await this.#until(asked[0] as Promise<AgentPart>, signal);
        asked.shift();
        try {
          checkPart(came, entry, Math.min(partBytes, size));
          yield { file: n, bytes: came.bytes };
        } finally {
          came.done();
        }
        if (size <= partBytes) continue;
        const rest = { offset: partBytes, length: size - partBytes };
        for await (const bytes of this.read(file, rest, signal)) yield { file: n, bytes };
      }
      const bad = files[firstBad];
      if (bad !== undefined) throw troubleOf(walked, bad);
    } finally {
      leave(asked);
    }
  }

  /** A connection that is still opening ends by itself: nobody waits for it. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#closing = new AbortController();
    this.#open?.close();
  }

  /** Connects where there is no connection: what broke is begun anew by whoever tries again. */
  async #connect(): Promise<AgentLine> {
    const line = await this.#line?.catch(() => undefined);
    if (line !== undefined && !line.isBroken) return line;
    this.#walked = undefined;
    this.#line = AgentLine.open(this.#place, this.#closing.signal);
    this.#open = await this.#line;
    return this.#open;
  }

  async #walk(): Promise<Walked> {
    const line = await this.#connect();
    this.#walked ??= walkOf(line);
    return this.#walked;
  }

  /** Waits for it, unless that is aborted. Rejects with SourceError, or the signal's reason. */
  async #until<T>(coming: Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    let abandon = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      abandon = () => reject(signal.reason);
      signal.addEventListener("abort", abandon, { once: true });
    });
    try {
      return await Promise.race([coming, aborted]);
    } catch (error) {
      signal.throwIfAborted();
      throw rsyncTrouble(error, []);
    } finally {
      signal.removeEventListener("abort", abandon);
    }
  }
}

async function walkOf(line: AgentLine): Promise<Walked> {
  const records = new ListingRecords("");
  const files = new Map<ByteString, AgentFile>();
  const numbers = new Map<ByteString, string>();
  await line.walk((directory, record) => {
    const { listing, path, self } = record;
    records.take(listing);
    if (self !== undefined) records.takeSelf(self);
    const { columns } = listing;
    for (let row = 0; row < columns.count; row++) {
      if (!isRegular(columns.mode[row] as number)) continue;
      const at = joinPath(path, columns.name(row));
      files.set(at, { directory, row });
      if (isLinked(record, row)) numbers.set(at, fileNumber(record, row));
    }
  });
  const listing = records.finish();
  for (const [path, number] of numbers) {
    const entry = listing.find(path);
    if (entry !== undefined) listing.replace(path, { ...entry, fileNumber: number });
  }
  return { line, listing, files };
}

function isLinked({ hasInodes, listing }: DirectoryRecord, row: number): boolean {
  return hasInodes && (listing.columns.nlink[row] as number) > 1;
}

function fileNumber({ listing: { columns } }: DirectoryRecord, row: number): string {
  const { devMajor, devMinor, inoHigh, inoLow } = columns;
  return [devMajor[row], devMinor[row], inoHigh[row], inoLow[row]].join(":");
}

/** What is asked for that nobody waits for any more. */
function leave(asked: readonly Promise<AgentPart>[]): void {
  for (const one of asked) {
    one.then(
      ({ done }) => done(),
      () => undefined,
    );
  }
}

function absent(): SourceError {
  return new SourceError("absent", "There is no such file");
}

/** Returns a file as the walk found it. Throws SourceError. */
function fileOf(walked: Walked, file: SourceFile): { at: AgentFile; entry: ListedEntry } {
  const trouble = troubleOf(walked, file);
  if (trouble !== undefined) throw trouble;
  const { path } = file;
  return {
    at: walked.files.get(path) as AgentFile,
    entry: walked.listing.find(path) as ListedEntry,
  };
}

/** Says why a file is not what it was listed as. */
function troubleOf(
  { files, listing }: Walked,
  { path, entry }: SourceFile,
): SourceError | undefined {
  const found = listing.find(path);
  if (found === undefined || !files.has(path)) return absent();
  return notAsListed(found, entry, 0);
}

/** A part must be of the file that was listed. Throws SourceError. */
function checkPart({ file, bytes }: AgentPart, entry: ListedEntry, length: number): void {
  if (file.kind === "problem") {
    if (file.errno === missing) throw absent();
    const words = file.errno === denied ? "Permission denied" : `It cannot be read (${file.errno})`;
    throw new SourceError("unreadable", words);
  }
  const isListed =
    file.kind === "whole" &&
    file.size === entry.size &&
    file.mtime === entry.mtime &&
    file.mtimeNanos === entry.mtimeNanos;
  if (!isListed || bytes.length !== length) {
    throw new SourceError("changed", "A file has changed since it was listed");
  }
}
