// One message of content, opened: proven by its digest, and each file's bytes found.

import { ManifoldError } from "../../base/index.ts";
import { createDigest, equalDigests } from "../../hash/index.ts";
import {
  decodeContentBody,
  decodeSentFiles,
  literalBytes,
  type SentFile,
  understand,
} from "../../session/index.ts";

/** A file, and where its bytes begin among those that came. */
export interface PlacedFile {
  readonly file: SentFile;
  readonly start: number;
}

/** What a message brought. */
export interface ArrivedContent {
  readonly files: readonly PlacedFile[];
  /** The bytes of all files, one after the other. */
  readonly bytes: Uint8Array;
}

/** Opens a message. Throws a protocol-data error. */
export function openArrived(message: Uint8Array): ArrivedContent {
  const { digest, records, bytes } = understand("content", () => decodeContentBody(message));
  const hash = createDigest("blake3");
  hash.update(records);
  hash.update(bytes);
  if (!equalDigests(hash.digest(), digest)) {
    const words = "What the other end sent came to harm on the way: its digest does not fit";
    throw new ManifoldError("protocol-data", words);
  }
  const rows = new Set<number>();
  let start = 0;
  const files = understand("content", () => decodeSentFiles(records, bytes.length)).map((file) => {
    if (rows.has(file.row)) {
      throw new ManifoldError("protocol-data", "The other end sent content of a file twice");
    }
    rows.add(file.row);
    const placed = { file, start };
    start += literalBytes(file);
    return placed;
  });
  return { files, bytes };
}
