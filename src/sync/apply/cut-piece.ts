// The chunks of a piece of a file that the target's end asks for: it looks for them among its own files.

import { closeRead, type FileHandle, FsError, Stat } from "../../fs/index.ts";
import {
  type ChunkWish,
  chunkListBytesMax,
  chunkPieceBytes,
  encodeChunkList,
  type SentFile,
} from "../../session/index.ts";
import { isRegular } from "../../tree/index.ts";
import type { Reading } from "./read-piece.ts";

const invalid = 22;
const stat = new Stat();

/** Cuts the piece; what it says lies behind what the room is filled with. */
export function cutPiece({ lane, content, listing, room }: Reading, wish: ChunkWish): SentFile {
  const { row, bits, position } = wish;
  const { fs } = content;
  let file: FileHandle | undefined;
  try {
    file = content.open({ listing, index: row, name: listing.name(row) });
    fs.statFile(file, stat);
    if (!isRegular(stat.mode)) throw new FsError(invalid, "open", listing.name(row));
    const { size } = stat;
    const handle = file;
    const list = lane.chunkers.of(bits).cut(
      (into, offset, length, at) => {
        lane.checkCancelled();
        return fs.read(handle, into, offset, length, at);
      },
      Math.max(0, Math.min(chunkPieceBytes, size - position)),
      undefined,
      position,
    );
    room.reserve(chunkListBytesMax(list.count));
    const end = encodeChunkList(list, room.bytes, room.used);
    const length = end - room.used;
    room.used = end;
    return { row, kind: "chunks", size, length };
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const { operation, errno } = error;
    return { row, kind: "problem", operation, errno, message: undefined };
  } finally {
    if (file !== undefined) closeRead(fs, file);
  }
}
