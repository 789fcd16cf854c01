// Packed files, one by one, for whoever has something to do with each of them.

import { type ByteString, fromBytes } from "../../base/index.ts";
import { BlockCursor } from "./packed-files.ts";

/** A file as it was packed. */
export interface UnpackedFile {
  readonly tag: number;
  readonly directory: ByteString;
  readonly name: ByteString;
  readonly size: number;
  readonly mtime: number;
  readonly mtimeNanos: number;
}

/** Yields the files of blocks that lie one behind the other. */
export function* unpackFiles(packed: Uint8Array): Generator<UnpackedFile> {
  const cursor = new BlockCursor();
  cursor.open(packed);
  while (cursor.next()) {
    const directory = directoryOf(cursor);
    for (let k = 0; k < cursor.count; k++) yield unpackFile(cursor, k, directory);
  }
}

/** Returns file `k` of the block that a cursor is at. */
export function fileOfBlock(cursor: BlockCursor, k: number): UnpackedFile {
  return unpackFile(cursor, k, directoryOf(cursor));
}

function directoryOf(cursor: BlockCursor): ByteString {
  return fromBytes(cursor.bytes, cursor.pathStart, cursor.namesStart);
}

function unpackFile(cursor: BlockCursor, k: number, directory: ByteString): UnpackedFile {
  return {
    tag: cursor.tag,
    directory,
    name: fromBytes(cursor.bytes, cursor.nameStart(k), cursor.nameEnd(k)),
    size: cursor.sizes[cursor.sizeAt + k] as number,
    mtime: cursor.sizes[cursor.sizeAt + cursor.count + k] as number,
    mtimeNanos: cursor.words[cursor.nanosAt + k] as number,
  };
}
