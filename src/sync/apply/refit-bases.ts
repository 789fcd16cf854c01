// Whether what another machine has answered can be used: it was told which files an entry may be made of, and may have
// named one that is another by now; or was only asked whether it is one of them. Such entries are wished for once more.

import { FsError } from "../../fs/index.ts";
import { equalDigests } from "../../hash/index.ts";
import type { FarContent } from "../lane/far-content.ts";
import { closeFound, openFound } from "../lane/found-file.ts";
import { digestOf, lookOf } from "../lane/known-bases.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { MoveBases, MoveBasis } from "../tasks/move-tasks.ts";
import type { Range } from "../tasks/range.ts";

/** Returns what the range's entries may be made of now, if some have to be wished for again; undefined = none has. */
export function refitBases(
  lane: LaneContext,
  range: Range,
  content: FarContent,
): MoveBases | undefined {
  const { bases } = range.task;
  if (bases === undefined || lane.settings.options.transfer.dryRun) return undefined;
  let isAny = false;
  const fitting = bases.map((told, k) => {
    const fits = refit(lane, range, content, { told, i: range.from + k });
    isAny ||= fits !== told;
    return fits;
  });
  return isAny ? fitting : undefined;
}

function refit(
  lane: LaneContext,
  { source }: Range,
  content: FarContent,
  { told, i }: { readonly told: readonly MoveBasis[]; readonly i: number },
): readonly MoveBasis[] {
  const [first] = told;
  if (first === undefined) return told;
  const number = content.sameAs(source, i) ?? 0;
  if (number > 0) {
    const basis = told[number - 1];
    return basis === undefined || stands(lane, basis) ? told : [];
  }
  // It is none of them: what looked like it is a former version, perhaps.
  const { digest: _, isAsked, ...likely } = first;
  return isAsked === true ? [{ ...likely, same: "name" }] : told;
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
