// Which answers are worth compressing.

import {
  type ChunkWish,
  isChunkWish,
  type SameAnswer,
  type WantedFile,
} from "../../session/index.ts";
import type { ReadTask } from "../tasks/far-tasks.ts";

/** Says whether the answer to wishes, and to a question, is compressed. */
export function compresses(
  { compresses: what, signature }: ReadTask,
  wanted: readonly Wish[],
  same: SameAnswer | undefined,
): boolean {
  // Digests do not get any shorter.
  if (wanted.every(isChunkWish)) return false;
  if (what !== "updates") return what === "all";
  const isUpdate = (file: Wish): boolean => !isChunkWish(file) && !isPlain(file);
  return signature !== undefined || same !== undefined || wanted.some(isUpdate);
}

/** What may be wished for. */
export type Wish = WantedFile | ChunkWish;

/** Says whether the target has nothing of a file that is wanted. */
export function isPlain({ digest, known, signature, held }: WantedFile): boolean {
  return digest === undefined && known.length === 0 && signature === undefined && !held;
}
