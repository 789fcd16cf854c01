// The files that a survey saw on the target, handed over to those that look for renamed ones.

import type { ByteString } from "../../base/index.ts";
import { order } from "../../changeset/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { LaneMoves } from "../lane/lane-moves.ts";
import { fileTag } from "../tasks/move-tasks.ts";
import { goesMark, type ListedTarget } from "./find-extras.ts";

/**
 * Remembers the files of the surveyed directory, and returns the names of directories in it that nobody else looks into:
 * protected ones, and those that something else takes the place of. Where only names of the source were looked at, all of the target will be
 * walked if anything waits: only what is going to be replaced must be remembered now.
 */
export function handOver(
  lane: LaneContext,
  moves: LaneMoves,
  { task, target, marks }: ListedTarget,
  isListed: boolean,
): readonly ByteString[] {
  if (task.deletionsOnly && !isListed) return [];
  // By the next pass all of it was seen, and some is gone.
  if (task.deletionsOnly) moves.memory.seen.see(target);
  const replaced = replacedEntries(lane);
  const strays: ByteString[] = [];
  if (!isListed) {
    if (replaced.size > 0) moves.see(fileTag.stays, task.path, target, (t) => replaced.has(t));
    for (const t of replaced) if (target.isDirectory(t)) strays.push(target.name(t));
    return strays;
  }
  for (let t = target.count - 1; t >= 0 && target.isDirectory(t); t--) {
    if (marks[t] !== 1 || replaced.has(t)) moves.memory.markSpare();
    if (marks[t] === 0 || replaced.has(t)) strays.push(target.name(t));
  }
  // What is deleted before others are looked at is remembered when it is.
  const isLater = !task.deletesNow && !task.deletionsOnly;
  const goes = (t: number): boolean => marks[t] === goesMark;
  const isSpared = !goesAny(marks, target.count);
  if (isSpared) moves.see(fileTag.stays, task.path, target);
  else moves.see(fileTag.stays, task.path, target, (t) => !goes(t));
  if (isLater && !isSpared) moves.see(fileTag.goes, task.path, target, goes);
  return strays;
}

function goesAny(marks: Uint8Array, count: number): boolean {
  for (let t = 0; t < count; t++) if (marks[t] === goesMark) return true;
  return false;
}

const nothingReplaced: ReadonlySet<number> = new Set();

/** Entries of the target whose content this run is going to replace. */
function replacedEntries({ source, orders }: LaneContext): ReadonlySet<number> {
  let replaced: Set<number> | undefined;
  for (let i = 0; i < source.count; i++) {
    const t = orders.target[i] as number;
    const kind = orders.kind[i];
    const isReplaced = kind === order.change || kind === order.replace || kind === order.late;
    if (t < 0 || !isReplaced) continue;
    replaced ??= new Set();
    replaced.add(t);
  }
  return replaced ?? nothingReplaced;
}
