// What else happens to entries that are as wanted: unfinished data of earlier runs goes, and the
// source goes, too, where the user wants it moved (--remove-source-files).

import type { Orders } from "../../changeset/index.ts";
import { type DelayedUpdate, dropPartial, type TargetPlace } from "../../pipeline/index.ts";
import { type Directory, typeDirectory, typeMask, typeRegular } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { LaneCore } from "../lane/lane-core.ts";
import { isHardLinked } from "../tasks/link-groups.ts";
import type { ApplyTask } from "../tasks/tasks.ts";
import { flushNames } from "./flush-names.ts";
import { moveAway, removeSourceFile, sourceFile } from "./remove-source.ts";

/** A range of entries, as far as it is needed here. */
interface Entries {
  readonly task: Pick<ApplyTask, "origins" | "named" | "rows">;
  readonly place: TargetPlace;
  readonly source: Directory;
  readonly orders: Orders;
}

/** Tells whether there are basis directories, and remembers what is to go elsewhere. */
type SettlingLane = LaneCore & Pick<LaneContext, "basis" | "moved">;

/** Settles an entry that needed nothing. */
export function settleUnchanged(lane: SettlingLane, range: Entries, i: number): void {
  const { source, place } = range;
  const type = (source.mode[i] as number) & typeMask;
  if (type === typeDirectory || lane.settings.options.transfer.dryRun || place.dir < 0) return;
  settlePartial(lane, range, i);
  if (lane.settles.sources) settleSource(lane, range, i);
}

/** Removes the unfinished file of an entry whose content is as wanted. */
export function settlePartial(lane: LaneCore, { source, place }: Entries, i: number): void {
  const { partials } = lane.receive.options.content;
  const isFile = ((source.mode[i] as number) & typeMask) === typeRegular;
  if (partials === undefined || !isFile || lane.settings.options.transfer.dryRun) return;
  dropPartial(lane.receive, place, source.name(i));
}

/** Removes the source of an entry that is on the target, or will be when it gets its name. */
export function settleSource(lane: SettlingLane, range: Entries, i: number): void {
  const { source, place, task } = range;
  if (lane.settings.options.transfer.dryRun || isOfBasis(lane, range, i)) return;
  const name = source.name(i);
  const last = lane.delayed.at(-1);
  const isFar = lane.settings.far === "source";
  const file = sourceFile(task.origins, task.named, source, i);
  const which = isFar ? { row: task.rows?.[i] ?? i } : { source: file };
  if (last?.name === name) lane.delayed[lane.delayed.length - 1] = { ...last, ...which };
  else if (isReadAgain(lane, source, i)) {
    lane.delayed.push({ ...namedUpdate(source, i), ...which });
  } else {
    flushNames(lane, place, true);
    if (isFar) moveAway(lane, task.rows?.[i] ?? i, { place, name });
    else removeSourceFile(lane, file, { place, name });
  }
}

/**
 * Says whether the file may be met under another name before the walk is over: a hard link must be seen to be a name of
 * the same file, and what a symlink that is followed leads to must be there.
 */
function isReadAgain({ settings }: SettlingLane, source: Directory, i: number): boolean {
  const { preserve, links } = settings.options;
  if (links.copyLinks || links.copyUnsafe || links.copyDirLinks) return true;
  return preserve.hardLinks && isHardLinked(source, i);
}

function namedUpdate(source: Directory, i: number): DelayedUpdate {
  return {
    name: source.name(i),
    where: "named",
    waitingName: "",
    mount: "",
    seen: undefined,
    mode: source.mode[i] as number,
    size: source.size[i] as number,
    mtime: source.mtime[i] as number,
    mtimeNanos: source.mtimeNanos[i] as number,
  };
}

/** Says whether a basis directory has the equal of an entry that is no file: as in rsync its source stays. */
function isOfBasis({ basis }: SettlingLane, { source, orders }: Entries, i: number): boolean {
  const isFile = ((source.mode[i] as number) & typeMask) === typeRegular;
  return basis !== undefined && !isFile && orders.basis[i] !== 0;
}
