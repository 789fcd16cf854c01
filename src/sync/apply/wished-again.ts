// Whether what another machine has answered can be used: it was told what files of the target are, and may have named one
// that is another by now; or was only asked whether an entry is one of them, and it is not. Such entries are wished for once more.

import { FsError } from "../../fs/index.ts";
import { equalDigests } from "../../hash/index.ts";
import type { FarContent } from "../lane/far-content.ts";
import { closeFound, openFound } from "../lane/found-file.ts";
import { digestOf, lookOf } from "../lane/known-bases.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { WishedAgain } from "../tasks/far-tasks.ts";
import type { MoveBasis } from "../tasks/move-tasks.ts";
import type { Range } from "../tasks/range.ts";
import { wantsContent } from "./wish-content.ts";

/** Returns what of the range has to be wished for again, and what its entries may be made of then; undefined = nothing. */
export function wishedAgain(
  lane: LaneContext,
  range: Range,
  content: FarContent,
): WishedAgain | undefined {
  const { from, to, source, task } = range;
  if (lane.settings.options.transfer.dryRun) return undefined;
  const lacks: number[] = [];
  const bases = task.bases?.slice();
  for (let i = from; i < to; i++) {
    const told = bases?.[i - from] ?? none;
    const number = content.sameAs(source, i);
    if (number === undefined) {
      // Who was not told more when it was asked once more has no more to say.
      if (task.lacks !== undefined || !content.isOther(i)) continue;
      if (!wantsContent(lane, source, range.orders, i)) continue;
      lacks.push(i - from);
      if (bases !== undefined) bases[i - from] = likeliest(told);
    } else if (number > 0) {
      const basis = told[number - 1];
      if (basis === undefined || stands(lane, basis)) continue;
      lacks.push(i - from);
      if (bases !== undefined) bases[i - from] = none;
    }
  }
  return lacks.length > 0 ? { lacks, bases } : undefined;
}

const none: readonly never[] = [];

/** It is none of them: what looked like it is a former version, perhaps. */
function likeliest([first]: readonly MoveBasis[]): readonly MoveBasis[] {
  if (first?.same !== "time") return none;
  const { digest: _, ...likely } = first;
  return [{ ...likely, same: "name" }];
}

/** Says whether the file still is what was told of it. */
function stands(lane: LaneContext, { looks, digest, ...basis }: MoveBasis): boolean {
  const found = openFound(lane, basis);
  if (found === undefined) return false;
  try {
    if (lookOf(found.looks) === looks) return true;
    return digest !== undefined && equalDigests(digestOf(lane, found), digest);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  } finally {
    closeFound(lane, found);
  }
}
