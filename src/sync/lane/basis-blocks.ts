// Bytes of a file made of what was sent and of blocks of the target's own file.

import type { ByteString } from "../../base/index.ts";
import { closeRead, type FileHandle, type FileSystem, FsError, Stat } from "../../fs/index.ts";
import { type DigestName, digestOf, equalDigests } from "../../hash/index.ts";
import { recordLimits, type SentFile } from "../../session/index.ts";
import { copyBytes } from "../../transport/index.ts";
import { type HeldBytes, PartsChanged } from "./held-bytes.ts";

/** EBADMSG: what the digest says of data that came to harm, or when parts are told of that nobody has. */
const damaged = 74;
/** ENOENT: of the source it would say that a file has vanished. */
const notThere = 2;
const stat = new Stat();

/** What the target has of the file that the content is for. */
export interface OwnBasis {
  readonly fs: FileSystem;
  /** The name that the content is for. */
  readonly name: ByteString;
  /** Opens it; whoever asked closes it. Throws FsError. */
  readonly open: () => FileHandle;
  /** The same, if it is what stands under the name, as a whole; else undefined. Throws FsError. */
  readonly openStanding: () => FileHandle | undefined;
  /** Which digest what is put together comes with. */
  readonly digestName: DigestName;
  /** Parts of the wanted file that the other end was told the target has. */
  readonly held?: HeldBytes | undefined;
}

/** Bytes that were put together, and how many of them the target had itself. */
export interface BuiltContent {
  readonly bytes: Uint8Array;
  readonly matched: number;
}

/**
 * Puts bytes together; what was sent begins at `start` of `sent`. Throws FsError when they are not as many as there should
 * be, or not those of the digest: the basis may have changed. Throws PartsChanged when that may be the fault of parts of other files.
 * `room` gives memory for so many.
 */
export function buildFromBasis(
  basis: OwnBasis,
  { segments, digest, position }: SentFile & { readonly kind: "segments" },
  sent: Uint8Array,
  start: number,
  isRight: (length: number) => boolean,
  room = roomFor,
): BuiltContent {
  let length = 0;
  for (const segment of segments) length += segment.length;
  if (!isRight(length)) throw new FsError(damaged, "receive", basis.name);
  const bytes = room(basis.name, length);
  const own = openOwn(basis);
  let matched = 0;
  let held = 0;
  let from = start;
  let offset = 0;
  try {
    for (const segment of segments) {
      const into = bytes.subarray(offset, offset + segment.length);
      if (segment.kind === "literal") {
        copyBytes(bytes, offset, sent, from, segment.length);
        from += segment.length;
      } else {
        if (segment.kind === "basis") own.read(into, segment.offset);
        else readHeld(basis, into, position + offset);
        if (segment.kind === "held") held += segment.length;
        matched += segment.length;
      }
      offset += segment.length;
    }
  } finally {
    own.close();
  }
  // Of a piece of a large file that rsync sends, the whole file's sum is the proof.
  if (digest.length > 0 && !equalDigests(digestOf(basis.digestName, bytes), digest)) {
    if (held > 0) throw new PartsChanged();
    throw new FsError(damaged, "receive", basis.name);
  }
  if (held > 0) basis.held?.proven(held);
  return { bytes, matched };
}

function readHeld({ held, name }: OwnBasis, into: Uint8Array, position: number): void {
  if (held === undefined) throw new FsError(damaged, "receive", name);
  held.read(into, position);
}

/** Returns memory for content, if it can be as long as the other end says. */
export function roomFor(name: ByteString, length: number): Uint8Array {
  if (length > recordLimits.contentBytes) throw new FsError(damaged, "receive", name);
  return new Uint8Array(length);
}

/** The target's own file, opened when it is first read. */
export interface OwnFile {
  /** Throws FsError when it is not of that size. */
  checkSize(size: number): void;
  /** Fills memory from a position. Throws FsError, also when it is too short. */
  read(into: Uint8Array, position: number): void;
  close(): void;
}

/** Returns the file. */
export function openOwn({ fs, name, open: openFile }: OwnBasis): OwnFile {
  let file: FileHandle | undefined;
  const open = (): FileHandle => {
    try {
      file ??= openFile();
    } catch (error) {
      // It stood there when the other end was told of it, or never.
      if (error instanceof FsError && error.errno === notThere) {
        throw new FsError(damaged, "receive", name);
      }
      throw error;
    }
    return file;
  };
  return {
    checkSize: (size) => {
      fs.statFile(open(), stat);
      if (stat.size !== size) throw new FsError(damaged, "receive", name);
    },
    read: (into, position) => {
      for (let done = 0; done < into.length; ) {
        const got = fs.read(open(), into, done, into.length - done, position + done);
        // It has become shorter since it was looked at, or never was so long.
        if (got === 0) throw new FsError(damaged, "receive", name);
        done += got;
      }
    },
    close: () => {
      if (file !== undefined) closeRead(fs, file);
      file = undefined;
    },
  };
}
