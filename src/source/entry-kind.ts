// What the type bits of a mode say in a source's words.

import {
  typeBlock,
  typeCharacter,
  typeDirectory,
  typeFifo,
  typeMask,
  typeSocket,
  typeSymlink,
} from "../tree/index.ts";
import type { EntryKind } from "./source.ts";

const kinds: ReadonlyMap<number, EntryKind> = new Map([
  [typeDirectory, "directory"],
  [typeSymlink, "symlink"],
  [typeCharacter, "character-device"],
  [typeBlock, "block-device"],
  [typeFifo, "fifo"],
  [typeSocket, "socket"],
]);

/** Returns what an entry with that mode is. */
export function kindOf(mode: number): EntryKind {
  return kinds.get(mode & typeMask) ?? "file";
}
