// Content that comes with a directory, without having been asked for: that of its first files, as they were
// listed, one after the other. Made and read in lanes; sent as all content is, but that there is no record of
// each file.

import { ManifoldError } from "../base/index.ts";
import { CborWriter } from "../changeset/index.ts";
import type { SentContent } from "./content-record.ts";
import { openCursor, understand } from "./message-cursor.ts";
import { limits } from "./record-limits.ts";

const writer = new CborWriter(16);
const noSums = new Uint8Array(0);

/**
 * Returns what stands in the place of records: before which row all regular files have come, and, behind that, the checksums of
 * those that are not empty, where rsync's protocol brings any. Good until the next call.
 */
export function encodeAhead(to: number, sums = noSums): Uint8Array {
  writer.clear();
  writer.int(to);
  if (sums.length > 0) writer.bytes(sums);
  return writer.written;
}

/** Content that came with a directory. */
export interface AheadContent {
  /** The regular files before this row have come. */
  readonly to: number;
  /** Where the bytes of a row begin; -1 = it has none here. */
  readonly starts: Float64Array;
  readonly bytes: Uint8Array;
  /** rsync's checksums of the files that are not empty, one after the other; empty = the message has one of its own. */
  readonly sums: Uint8Array;
}

/** Finds the files in what came; `files` gives the size of each row of the directory, -1 for what is no regular file. Throws a protocol-data error. */
export function decodeAhead(
  { records, bytes }: Pick<SentContent, "records" | "bytes">,
  files: { readonly count: number; readonly sizeOf: (row: number) => number },
): AheadContent {
  const [to, sums] = understand("content", () => {
    const cursor = openCursor(records);
    const row = cursor.uint("rows", files.count);
    const rest = cursor.at < cursor.end ? cursor.copyBytes("sums", limits.contentBytes) : noSums;
    cursor.finish("rows");
    return [row, rest];
  });
  const starts = new Float64Array(to).fill(-1);
  let used = 0;
  for (let row = 0; row < to; row++) {
    const size = files.sizeOf(row);
    if (size < 0) continue;
    starts[row] = used;
    used += size;
  }
  if (used === bytes.length) return { to, starts, bytes, sums };
  const words = `The other end sent ${bytes.length} bytes for files of ${used}`;
  throw new ManifoldError("protocol-data", words);
}
