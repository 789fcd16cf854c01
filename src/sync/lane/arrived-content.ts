// One message of content, opened: proven by its digest, and each file's bytes found.

import { ManifoldError } from "../../base/index.ts";
import { createDigest, type DigestName, digestOf, equalDigests } from "../../hash/index.ts";
import {
  type AheadContent,
  decodeAhead,
  decodeContentBody,
  decodeSentFiles,
  literalBytes,
  type SameAnswer,
  type SentFile,
  understand,
} from "../../session/index.ts";

/** Chunks of a file, in place of its content. */
export type SentChunks = SentFile & { readonly kind: "chunks" };
/** Content of a file, or why there is none. */
export type ContentFile = Exclude<SentFile, SentChunks>;

/** A file, and where its bytes begin among those that came. */
export interface PlacedFile<T extends SentFile = ContentFile> {
  readonly file: T;
  readonly start: number;
}

/** What a message brought. */
export interface ArrivedContent<T extends SentFile = ContentFile> {
  readonly files: readonly PlacedFile<T>[];
  /** The bytes of all files, one after the other. */
  readonly bytes: Uint8Array;
  /** Rows that are what they were asked to be; undefined = none was asked about in this way. */
  readonly same: SameAnswer | undefined;
}

/**
 * Opens a message that brings content. `wholeSum`: files bring rsync's checksums; then the message was put together in this process,
 * and has no digest. Throws a protocol-data error.
 */
export function openArrived(message: Uint8Array, wholeSum?: DigestName): ArrivedContent {
  return opened(message, isContent, wholeSum);
}

/** Opens one that brings chunks of files, or why there are none. Throws a protocol-data error. */
export function openChunks(
  message: Uint8Array,
): ArrivedContent<SentChunks | (SentFile & { readonly kind: "problem" })> {
  return opened(message, isChunks);
}

/** Opens a message that came with a directory; `wholeSum` as for openArrived. Throws a protocol-data error. */
export function openAhead(
  message: Uint8Array,
  files: { readonly count: number; readonly sizeOf: (row: number) => number },
  wholeSum?: DigestName,
): AheadContent {
  const ahead = decodeAhead(proven(message, wholeSum), files);
  return wholeSum === undefined ? ahead : provenFiles(ahead, files.sizeOf, wholeSum);
}

/** What stands behind a file that its checksum does not fit did not come. */
function provenFiles(
  { to, starts, bytes, sums }: AheadContent,
  sizeOf: (row: number) => number,
  name: DigestName,
): AheadContent {
  let place = 0;
  for (let row = 0; row < to; row++) {
    const [start, size] = [starts[row] as number, sizeOf(row)];
    if (start < 0 || size === 0) continue;
    const digest = digestOf(name, bytes, start, start + size);
    const sum = sums.subarray(place, place + digest.length);
    if (!equalDigests(digest, sum)) {
      return { to: row, starts: starts.subarray(0, row), bytes: bytes.subarray(0, start), sums };
    }
    place += digest.length;
  }
  return { to, starts, bytes, sums };
}

function isContent(file: SentFile): file is ContentFile {
  return file.kind !== "chunks";
}

function isChunks(file: SentFile): file is SentChunks | (SentFile & { readonly kind: "problem" }) {
  return file.kind === "chunks" || file.kind === "problem";
}

function opened<T extends SentFile>(
  message: Uint8Array,
  isAsked: (file: SentFile) => file is T,
  wholeSum?: DigestName,
): ArrivedContent<T> {
  const { records, bytes } = proven(message, wholeSum);
  const rows = new Set<number>();
  let start = 0;
  const sent = understand("content", () => decodeSentFiles(records, bytes.length));
  const files = sent.files.map((file) => {
    if (rows.has(file.row)) {
      throw new ManifoldError("protocol-data", "The other end sent content of a file twice");
    }
    rows.add(file.row);
    if (!isAsked(file)) {
      throw new ManifoldError("protocol-data", "The other end sent what nobody asked for");
    }
    const placed = { file, start };
    start += literalBytes(file);
    return placed;
  });
  return { files, bytes, same: sent.same };
}

/** Opens a message and holds it against its digest, where it has one. */
function proven(
  message: Uint8Array,
  wholeSum?: DigestName,
): { readonly records: Uint8Array; readonly bytes: Uint8Array } {
  const { digest, records, bytes } = understand("content", () => decodeContentBody(message));
  if (wholeSum !== undefined) return { records, bytes };
  const hash = createDigest("blake3");
  hash.update(records);
  hash.update(bytes);
  if (equalDigests(hash.digest(), digest)) return { records, bytes };
  const words = "What the other end sent came to harm on the way: its digest does not fit";
  throw new ManifoldError("protocol-data", words);
}
