// The content of files of a source that is elsewhere: what came for a range of entries, put together
// from what was sent and from blocks of the target's own files, and proven by its digest before
// anybody gets to see it (promise P7).

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { type DirHandle, type FileHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import { createDigest } from "../../hash/index.ts";
import type { SourceEntry } from "../../pipeline/index.ts";
import {
  decodeSent,
  recordLimits,
  type Segment,
  type SentFile,
  understand,
} from "../../session/index.ts";
import type { EntryContent } from "./entry-content.ts";
import type { ArrivedFile, FarDoor } from "./far-door.ts";

/** EBADMSG: what the digest says of data that came to harm. */
const damaged = 74;
const stat = new Stat();

/** Content that came for entries of one directory. */
export class FarContent implements EntryContent {
  readonly fs: FileSystem;
  readonly #door: FarDoor;
  readonly #dir: DirHandle;
  readonly #files = new Map<number, SentFile>();
  /** The files that are open. */
  readonly #open = new Map<FileHandle, Arrived>();

  /**
   * `dir`: the target directory, whose files blocks are taken from. `message`: what came; undefined = nothing was wanted.
   * Throws a protocol-data error.
   */
  constructor(door: FarDoor, dir: DirHandle, message: Uint8Array | undefined) {
    this.fs = door;
    this.#door = door;
    this.#dir = dir;
    if (message === undefined) return;
    let last = -1;
    for (const file of understand("content", () => decodeSent(message))) {
      if (file.row <= last) {
        throw new ManifoldError("protocol-data", "The other end sent content of a file twice");
      }
      last = file.row;
      this.#files.set(file.row, file);
    }
  }

  /** Says whether the source's end found that it has what the target has under the name. */
  isSame(row: number): boolean {
    return this.#files.get(row)?.kind === "same";
  }

  open({ listing, index, name }: SourceEntry): FileHandle {
    const file = this.#files.get(index);
    // It was wished for, and the answer is about other files.
    if (file === undefined) throw new FsError(damaged, "receive", name);
    if (file.kind === "problem") throw new FsError(file.errno, file.operation, name);
    const arrived =
      file.kind === "same"
        ? this.#wholeBasis(name, {
            size: listing.size[index] as number,
            mtime: listing.mtime[index] as number,
            mtimeNanos: listing.mtimeNanos[index] as number,
          })
        : this.#putTogether(name, file);
    const handle = this.#door.openArrived(arrived);
    this.#open.set(handle, arrived);
    return handle;
  }

  isUnchanged(handle: FileHandle, { listing, index }: SourceEntry): boolean {
    const file = this.#open.get(handle);
    return (
      file !== undefined &&
      file.size === listing.size[index] &&
      file.mtime === listing.mtime[index] &&
      file.mtimeNanos === listing.mtimeNanos[index]
    );
  }

  refresh(handle: FileHandle, { listing, index }: SourceEntry): boolean {
    const file = this.#open.get(handle);
    if (file === undefined) return false;
    listing.size[index] = file.size;
    listing.mtime[index] = file.mtime;
    listing.mtimeNanos[index] = file.mtimeNanos;
    return true;
  }

  matchedBytes(handle: FileHandle): number {
    return this.#open.get(handle)?.matched ?? 0;
  }

  close(): void {
    this.#open.clear();
  }

  /** What was sent is what the target has already. */
  #wholeBasis(name: ByteString, times: Omit<Arrived, "at" | "matched">): Arrived {
    const file = this.#door.openRead(this.#dir, name);
    let bytes: Uint8Array;
    try {
      this.#door.statFile(file, stat);
      if (stat.size !== times.size) throw new FsError(damaged, "receive", name);
      bytes = roomFor(name, times.size);
      this.#readBasis(name, file, { into: bytes, offset: 0, length: times.size, position: 0 });
    } finally {
      this.#door.closeFile(file);
    }
    return { ...times, matched: times.size, at: (position) => bytes.subarray(position) };
  }

  #putTogether(name: ByteString, file: SentFile & { readonly kind: "content" }): Arrived {
    const { segments, size, mtime, mtimeNanos } = file;
    const [only] = segments;
    const isWhole = segments.length === 1 && only?.kind === "literal";
    const { bytes, matched } = isWhole
      ? { bytes: only.bytes, matched: 0 }
      : this.#join(name, segments, size);
    // What is longer or shorter than it says is no file of any digest.
    const isRight = bytes.length === size && Buffer.compare(digestOf(bytes), file.digest) === 0;
    if (!isRight) throw new FsError(damaged, "receive", name);
    return { size, mtime, mtimeNanos, matched, at: (position) => bytes.subarray(position) };
  }

  #join(
    name: ByteString,
    segments: readonly Segment[],
    size: number,
  ): { readonly bytes: Uint8Array; readonly matched: number } {
    let length = 0;
    for (const one of segments) length += one.kind === "literal" ? one.bytes.length : one.length;
    if (length !== size) throw new FsError(damaged, "receive", name);
    const bytes = roomFor(name, size);
    let offset = 0;
    let matched = 0;
    let basis: FileHandle | undefined;
    try {
      for (const segment of segments) {
        if (segment.kind === "literal") {
          bytes.set(segment.bytes, offset);
          offset += segment.bytes.length;
          continue;
        }
        const { length: wanted, offset: position } = segment;
        basis ??= this.#door.openRead(this.#dir, name);
        this.#readBasis(name, basis, { into: bytes, offset, length: wanted, position });
        offset += wanted;
        matched += wanted;
      }
    } finally {
      if (basis !== undefined) this.#door.closeFile(basis);
    }
    return { bytes, matched };
  }

  #readBasis(
    name: ByteString,
    basis: FileHandle,
    want: { into: Uint8Array; offset: number; length: number; position: number },
  ): void {
    const { into, offset, length, position } = want;
    for (let done = 0; done < length; ) {
      const got = this.#door.read(basis, into, offset + done, length - done, position + done);
      // It has become shorter since it was looked at, or never was so long.
      if (got === 0) throw new FsError(damaged, "receive", name);
      done += got;
    }
  }
}

/** Returns memory for a file, if it can be as long as the other end says. */
function roomFor(name: ByteString, size: number): Uint8Array {
  if (size > recordLimits.contentBytes) throw new FsError(damaged, "receive", name);
  return new Uint8Array(size);
}

function digestOf(bytes: Uint8Array): Uint8Array {
  const digest = createDigest("blake3");
  digest.update(bytes);
  return digest.digest();
}

interface Arrived extends ArrivedFile {
  /** Bytes that the target had itself. */
  readonly matched: number;
}
