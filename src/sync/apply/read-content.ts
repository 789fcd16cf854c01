// Reads what the target's end wishes for: files whole, or as blocks that the target has and what is
// between them. What a file is by then is told with it, and a digest of all of it.

import { blockOffset, matchBlocks } from "../../delta/index.ts";
import { type FileHandle, FsError, Stat } from "../../fs/index.ts";
import { createDigest } from "../../hash/index.ts";
import {
  decodeWanted,
  encodeSent,
  recordLimits,
  type Segment,
  type SentFile,
  understand,
  type WantedFile,
} from "../../session/index.ts";
import { Directory, isRegular } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { OriginContent } from "../lane/origin-content.ts";
import type { ReadResult, ReadTask } from "../tasks/far-tasks.ts";

/** How often a file that changes while it is read is read again. */
const attemptsMax = 3;
/** Room for what a message says besides. */
const fileBytesMax = recordLimits.contentBytes - 1024 * 1024;
const tooLarge = 27;
const stat = new Stat();
const after = new Stat();

/** Runs a read task. */
export function readContent(lane: LaneContext, task: ReadTask): ReadResult {
  const listing = Directory.thaw(task.listing);
  const wanted = understand("request", () => decodeWanted(task.body, listing.count));
  const content = lane.contentSource(task.origins, task.named);
  const sent: SentFile[] = [];
  try {
    for (const wish of wanted) {
      lane.checkCancelled();
      sent.push(readWish(lane, content, listing, wish));
    }
  } finally {
    content.close();
  }
  return { kind: "read", id: task.id, body: encodeSent(sent, task.compresses) };
}

function readWish(
  lane: LaneContext,
  content: OriginContent,
  listing: Directory,
  wish: WantedFile,
): SentFile {
  const { row } = wish;
  let file: FileHandle | undefined;
  try {
    file = content.open({ listing, index: row, name: listing.name(row) });
    for (let attempt = 1; ; attempt++) {
      content.fs.statFile(file, stat);
      if (!isRegular(stat.mode)) throw new FsError(22, "open", listing.name(row));
      // A file comes as one message; larger ones in pieces are to come.
      if (stat.size > fileBytesMax) throw new FsError(tooLarge, "send", listing.name(row));
      const { size, mtime, mtimeNanos, ctime, ctimeNanos } = stat;
      const read = readFile(lane, content, file, size, wish);
      content.fs.statFile(file, after);
      const isSteady =
        after.size === size &&
        after.mtime === mtime &&
        after.mtimeNanos === mtimeNanos &&
        after.ctime === ctime &&
        after.ctimeNanos === ctimeNanos;
      // What is torn is told by a time that fits nothing: the other end goes by its own rules.
      if (!isSteady && attempt < attemptsMax) continue;
      if (read.kind === "same") return { row, kind: "same" };
      const time = isSteady ? { mtime, mtimeNanos } : { mtime: after.mtime, mtimeNanos: 0 };
      return { row, kind: "content", size: read.length, ...time, ...read.content };
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const { operation, errno } = error;
    return { row, kind: "problem", operation, errno, message: undefined };
  } finally {
    if (file !== undefined) content.fs.closeFile(file);
  }
}

type Read =
  | { readonly kind: "same" }
  | {
      readonly kind: "content";
      readonly length: number;
      readonly content: { readonly digest: Uint8Array; readonly segments: readonly Segment[] };
    };

function readFile(
  lane: LaneContext,
  content: OriginContent,
  file: FileHandle,
  size: number,
  { digest: known, signature, inPlace }: WantedFile,
): Read {
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  while (length < bytes.length) {
    lane.checkCancelled();
    const wanted = Math.min(bytes.length - length, 8 * 1024 * 1024);
    const got = content.fs.read(file, bytes, length, wanted, length);
    if (got === 0) break;
    length += got;
  }
  const whole = bytes.subarray(0, length);
  const hash = createDigest("blake3");
  hash.update(whole);
  const digest = hash.digest();
  if (known !== undefined && Buffer.compare(known, digest) === 0) return { kind: "same" };
  const literal: Segment[] = length === 0 ? [] : [{ kind: "literal", bytes: whole }];
  const segments = signature === undefined ? literal : matchSegments(whole, { signature, inPlace });
  return {
    kind: "content",
    length,
    content: { digest, segments },
  };
}

/** Cuts the bytes into what the basis has and what it has not. */
function matchSegments(
  bytes: Uint8Array,
  { signature, inPlace }: { signature: NonNullable<WantedFile["signature"]>; inPlace: boolean },
): Segment[] {
  const segments: Segment[] = [];
  let position = 0;
  const literal = (length: number): void => {
    const last = segments.at(-1);
    const piece = bytes.subarray(position, position + length);
    position += length;
    // Neighbours lie side by side in memory: one view of both.
    if (last?.kind === "literal") {
      const start = position - length - last.bytes.length;
      segments[segments.length - 1] = { kind: "literal", bytes: bytes.subarray(start, position) };
    } else segments.push({ kind: "literal", bytes: piece });
  };
  matchBlocks(
    {
      signature,
      read: (into, offset, length, at) => {
        const got = Math.max(0, Math.min(length, bytes.length - at));
        into.set(bytes.subarray(at, at + got), offset);
        return got;
      },
    },
    {
      literal: (_bytes, start, end) => literal(end - start),
      copy: (first, count) => {
        const offset = blockOffset(signature, first);
        const length = blockOffset(signature, first + count) - offset;
        // Written in place, what stands before this point is the old file no more.
        if (inPlace && offset < position) literal(length);
        else {
          segments.push({ kind: "basis", offset, length });
          position += length;
        }
      },
    },
  );
  return segments;
}
