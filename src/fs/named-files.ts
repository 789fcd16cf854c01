// Files that the user names and that are part of no tree: lists, rules, logs, batches. Links on their paths are followed as
// the user allows it; what is open is a descriptor of node:fs.

import { closeSync, constants } from "node:fs";
import type { ByteString } from "../base/index.ts";
import { openNamed } from "./open.ts";
import type { OperatorLinks } from "./operator-path.ts";
import { readPieces } from "./standard-streams.ts";

const { O_RDONLY, O_WRONLY, O_CREAT, O_APPEND, O_TRUNC } = constants;

/**
 * Yields the bytes of a file that the user named, piece by piece; a pipe or a FIFO will do (`<(command)`). A piece is
 * valid until the next one is asked for. Throws FsError.
 */
export function* readNamedFile(
  path: ByteString,
  links: OperatorLinks,
  pieceBytes = 256 * 1024,
): Generator<Uint8Array> {
  const descriptor = openForReading(path, links);
  try {
    yield* readPieces(descriptor, path, pieceBytes);
  } finally {
    closeSync(descriptor);
  }
}

/** Opens a file that the user named for reading. Throws FsError. */
export function openForReading(path: ByteString, links: OperatorLinks): number {
  return openNamed(path, O_RDONLY, links);
}

/** Opens a file that the user named for writing; a log is appended to. `mode`: for a file that is made. Throws FsError. */
export function openForWriting(
  path: ByteString,
  append: boolean,
  links: OperatorLinks,
  mode = 0o666,
): number {
  const flags = O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC);
  return openNamed(path, flags, links, mode);
}
