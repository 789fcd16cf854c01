// Cuts files of the target into chunks, for the search for content anywhere in them.

import { ChunkList } from "../../delta/index.ts";
import { FsError } from "../../fs/index.ts";
import { unpackFiles } from "../../pipeline/index.ts";
import { closeFound, openFound } from "../lane/found-file.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { CutResult, CutTask } from "../tasks/content-index-tasks.ts";
import type { MoveBasis } from "../tasks/move-tasks.ts";

/** Runs a cut task. What cannot be read, or is not there any more, has no chunks. */
export function cutFiles(lane: LaneContext, { id, files, bits }: CutTask): CutResult {
  const list = new ChunkList();
  const counts: number[] = [];
  for (const file of unpackFiles(files)) {
    const before = list.count;
    if (file.size >= 2 ** bits) cutOne(lane, { ...file, same: "name", becomes: false }, bits, list);
    counts.push(list.count - before);
  }
  return { kind: "cut", id, counts: Uint32Array.from(counts), chunks: list.freeze() };
}

function cutOne(lane: LaneContext, basis: MoveBasis, bits: number, list: ChunkList): void {
  const found = openFound(lane, basis);
  if (found === undefined) return;
  const { fs } = lane;
  const { file, looks } = found;
  try {
    lane.chunkers.of(bits).cut(
      (into, offset, length, position) => {
        lane.checkCancelled();
        return fs.read(file, into, offset, length, position);
      },
      looks.size,
      list,
    );
    lane.count("indexedBytes", looks.size);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  } finally {
    closeFound(lane, found);
  }
}
