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
    const directory = fromBytes(cursor.bytes, cursor.pathStart, cursor.namesStart);
    let at = cursor.namesStart;
    for (let k = 0; k < cursor.count; k++) {
      const end = at + (cursor.bytes[cursor.lengthsAt + k] as number);
      yield unpackFile(cursor, k, directory, at, end);
      at = end;
    }
  }
}

/** Returns file `k` of the block that a cursor is at. */
export function fileOfBlock(cursor: BlockCursor, k: number): UnpackedFile {
  const directory = fromBytes(cursor.bytes, cursor.pathStart, cursor.namesStart);
  const start = cursor.nameStart(k);
  const end = start + (cursor.bytes[cursor.lengthsAt + k] as number);
  return unpackFile(cursor, k, directory, start, end);
}

function unpackFile(
  cursor: BlockCursor,
  k: number,
  directory: ByteString,
  start: number,
  end: number,
): UnpackedFile {
  return {
    tag: cursor.tag,
    directory,
    name: fromBytes(cursor.bytes, start, end),
    size: cursor.sizes[cursor.sizeAt + k] as number,
    mtime: cursor.sizes[cursor.sizeAt + cursor.count + k] as number,
    mtimeNanos: cursor.words[cursor.nanosAt + k] as number,
  };
}
