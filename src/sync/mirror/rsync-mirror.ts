// A tree in a module of an rsync daemon as a source: listed whole in one conversation, read in others, one for each bundle of whole
// files or each part of a large one. Parts begin anywhere, as if what lies before them were here already (--append); rsync sends to
// the end of a file, and who wants less breaks off.

import { type ByteString, baseName } from "../../base/index.ts";
import type { WireEntry } from "../../rsync/index.ts";
import {
  type FileChunk,
  kindOf,
  type ListedEntry,
  type Source,
  type SourceAbilities,
  SourceError,
  type SourceFile,
  type SourceListing,
  type SourcePart,
} from "../../source/index.ts";
import { permissionMask } from "../../tree/index.ts";
import { notAsListed } from "./as-listed.ts";
import { pause } from "./pause.ts";
import { insideOfPlace, tellsAll } from "./program-place.ts";
import { RsyncVisit, type VisitPlace } from "./rsync-visit.ts";

/** What is polite towards a daemon: many let in few at the same time. */
const connectionsMax = 2;
/** One conversation asks for all files of a bundle at once. */
const filesAhead = 1024;
/** A daemon counts a conversation until its process has ended: so often, and after so long, it is asked once more. */
const leavingTries = 4;
const leavingMs = 50;
/** From this protocol on times are to the nanosecond. */
const exactTimes = 31;

interface Folder {
  readonly entries: ListedEntry[];
  self: Partial<ListedEntry> | undefined;
}

/** Such a source. Its list lies in memory from the first list() on: some hundred bytes an entry. */
export class RsyncMirror implements Source {
  readonly url: string;
  readonly #place: VisitPlace;
  #appends = true;
  #timeStep = 1;
  #folders: Promise<{ folders: Map<ByteString, Folder>; isComplete: boolean }> | undefined;
  readonly #visits = new Set<RsyncVisit>();
  /** When the last of them ended. */
  #leftAt = Number.NEGATIVE_INFINITY;

  readonly #closing = new AbortController();

  constructor(url: string, place: Omit<VisitPlace, "closing">) {
    this.url = url;
    this.#place = { ...insideOfPlace(place), closing: this.#closing.signal };
  }

  async probe(signal: AbortSignal): Promise<SourceAbilities> {
    const visit = await this.#tryTop(signal);
    this.#timeStep = visit.protocol >= exactTimes ? 0 : 1;
    this.#end(visit);
    return {
      ranges: this.#appends,
      listsAtOnce: true,
      listing: "rsync's file list",
      digests: false,
      tells: tellsAll,
      timeStep: this.#timeStep,
      connectionsMax,
      depth: filesAhead,
      generation: undefined,
    };
  }

  /** Daemons may refuse --append: then there are whole files only. */
  async #tryTop(signal: AbortSignal): Promise<RsyncVisit> {
    try {
      return await this.#visit("top", true, signal);
    } catch (error) {
      if (!(error instanceof SourceError) || error.trouble === "busy") throw error;
      const visit = await this.#visit("top", false, signal).catch(() => undefined);
      if (visit === undefined) throw error;
      this.#appends = false;
      return visit;
    }
  }

  async list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    this.#folders ??= this.#listAll(signal);
    this.#folders.catch(() => {
      this.#folders = undefined;
    });
    const { folders, isComplete } = await this.#folders;
    signal.throwIfAborted();
    const folder = folders.get(path);
    if (folder === undefined) throw new SourceError("absent", "There is no such directory");
    return { ...folder, isComplete };
  }

  async #listAll(
    signal: AbortSignal,
  ): Promise<{ folders: Map<ByteString, Folder>; isComplete: boolean }> {
    const visit = await this.#visit("tree", false, signal);
    const folders = new Map<ByteString, Folder>([["", { entries: [], self: undefined }]]);
    const folderAt = (path: ByteString): Folder => {
      const known = folders.get(path);
      if (known !== undefined) return known;
      const made: Folder = { entries: [], self: undefined };
      folders.set(path, made);
      return made;
    };
    for (const wire of visit.entries) {
      const entry = this.#entryOf(wire, visit);
      if (wire.name === ".") folderAt("").self = entry;
      else {
        const slash = wire.name.lastIndexOf("/");
        folderAt(slash < 0 ? "" : wire.name.slice(0, slash)).entries.push(entry);
        if (entry.kind === "directory") folderAt(wire.name).self = entry;
      }
    }
    this.#end(visit);
    return { folders, isComplete: !visit.hasErrors };
  }

  async look({ path, entry }: SourceFile, signal: AbortSignal): Promise<ListedEntry> {
    const visit = await this.#visit([path], false, signal);
    try {
      const wire = visit.entries[indexOf(visit, path)] as WireEntry;
      const { size, mtime, mtimeNanos } = this.#entryOf(wire, visit);
      return { ...entry, size, mtime, mtimeNanos };
    } finally {
      this.#end(visit);
    }
  }

  async *read(file: SourceFile, part: SourcePart, signal: AbortSignal): AsyncIterable<Uint8Array> {
    if (part.offset > 0 && !this.#appends) {
      throw new SourceError("protocol", "This rsync gives whole files only");
    }
    const visit = await this.#visit([file.path], part.offset > 0, signal);
    try {
      const index = this.#check(visit, file);
      let left = part.length;
      for await (const { bytes } of visit.bring([{ index, offset: part.offset }], signal)) {
        const taken = bytes.subarray(0, left);
        left -= taken.length;
        if (taken.length > 0) yield taken;
        if (left === 0) return;
      }
      throw new SourceError("changed", "A file has become shorter");
    } finally {
      this.#end(visit);
    }
  }

  async *readFiles(files: readonly SourceFile[], signal: AbortSignal): AsyncIterable<FileChunk> {
    const names = files.map(({ path }) => path);
    const visit = await this.#visit(names, false, signal);
    try {
      // Whoever is asked for a bundle brings what stands before the first file that it does not have.
      const orders: { index: number; offset: number }[] = [];
      let failure: unknown;
      for (const file of files) {
        try {
          orders.push({ index: this.#check(visit, file), offset: 0 });
        } catch (error) {
          failure = error;
          break;
        }
      }
      let came = 0;
      for await (const { order, bytes, isEnd } of visit.bring(orders, signal)) {
        const size = files[order]?.entry.size ?? 0;
        came += bytes.length;
        if (came > size || (isEnd && came !== size)) {
          throw new SourceError("changed", "A file is not as long as was listed");
        }
        if (isEnd) came = 0;
        if (bytes.length > 0 || size === 0) yield { file: order, bytes };
      }
      if (failure !== undefined) throw failure;
    } finally {
      this.#end(visit);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const visit of this.#visits) visit.destroy();
    this.#visits.clear();
  }

  async #visit(
    what: "tree" | "top" | readonly ByteString[],
    appends: boolean,
    signal: AbortSignal,
  ): Promise<RsyncVisit> {
    const { clock } = this.#place.surroundings;
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted();
      try {
        const visit = await RsyncVisit.open(this.#place, { what, appends }, signal);
        this.#visits.add(visit);
        return visit;
      } catch (error) {
        const isBusy = error instanceof SourceError && error.trouble === "busy";
        // It may be one of ours that is just leaving; whoever else is there is not waited for.
        const isOurs = clock.now() - this.#leftAt < leavingMs * 2 ** leavingTries;
        if (!isBusy || !isOurs || tries > leavingTries) throw error;
      }
      await pause(clock, leavingMs * tries, signal);
    }
  }

  #end(visit: RsyncVisit): void {
    this.#leftAt = this.#place.surroundings.clock.now();
    this.#visits.delete(visit);
    visit.destroy();
  }

  /** Returns the number of a file that is as it was listed. */
  #check(visit: RsyncVisit, { path, entry }: SourceFile): number {
    const index = indexOf(visit, path);
    const found = this.#entryOf(visit.entries[index] as WireEntry, visit);
    if (found.kind !== "file") throw new SourceError("changed", "A file is none any more");
    const trouble = notAsListed(found, entry, this.#timeStep);
    if (trouble !== undefined) throw trouble;
    return index;
  }

  #entryOf(wire: WireEntry, { users, groups }: RsyncVisit): ListedEntry {
    const kind = kindOf(wire.mode);
    const isDevice = kind === "character-device" || kind === "block-device";
    return {
      name: baseName(wire.name),
      kind,
      size: kind === "file" ? wire.size : undefined,
      mtime: wire.mtime,
      mtimeNanos: wire.mtimeNanos,
      mode: wire.mode & permissionMask,
      uid: wire.uid,
      gid: wire.gid,
      user: wire.userName ?? users.get(wire.uid),
      group: wire.groupName ?? groups.get(wire.gid),
      linkTarget: wire.linkTarget,
      rdevMajor: isDevice ? wire.rdevMajor : undefined,
      rdevMinor: isDevice ? wire.rdevMinor : undefined,
      fileNumber: wire.firstLink === undefined ? undefined : String(wire.firstLink),
    };
  }
}

function indexOf(visit: RsyncVisit, path: ByteString): number {
  const index = visit.indexOf(path);
  if (index === undefined) throw new SourceError("absent", "There is no such file");
  return index;
}
