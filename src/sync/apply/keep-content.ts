// Files whose size is as wanted and whose time is not: both are on this machine, so their contents
// are compared first, and what is equal keeps its blocks and gets its attributes. Reading twice
// costs less than writing once, and snapshots, shared blocks and disks are spared.

import { order } from "../../changeset/index.ts";
import { type DirHandle, pickMark } from "../../fs/index.ts";
import { hasRow } from "../../session/index.ts";
import { change, typeMask, typeRegular } from "../../tree/index.ts";
import type { FarContent } from "../lane/far-content.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { OriginContent } from "../lane/origin-content.ts";
import type { Range } from "../tasks/range.ts";
import { sourceDirectory } from "./copied-files.ts";

/** Larger files are copied at once, several lanes at a time: those that change keep their size more often. */
const bytesMax = 16 * 1024 * 1024;
/** Files between two looks at whether the run was cancelled. */
const filesPerStep = 64;

let marks = new Uint8Array(256);

/**
 * Turns orders of a range that would write what is there already into orders for attributes alone. Returns marks by
 * entry: those of value pickMark.doneWithTime needed but the time, and have it; undefined = none do.
 */
export function keepEqualContent(
  lane: LaneContext,
  range: Range,
  content: OriginContent,
): Uint8Array | undefined {
  if (lane.fs.compareFiles === undefined || !isWanted(lane, range, content)) return undefined;
  if (markCandidates(range) === 0) return undefined;
  const dir = sourceDirectory(content);
  if (dir === undefined) return undefined;
  const { source, place, to } = range;
  for (let first = range.from; first < to; first += filesPerStep) {
    lane.checkCancelled();
    const last = Math.min(first + filesPerStep, to);
    lane.fs.compareFiles?.(dir, place.dir, source, first, last, marks);
  }
  settle(lane, range);
  return marks;
}

/**
 * The same for files of a source that is elsewhere, whose digests were compared: what is the same there gets its
 * attributes. Returns marks as keepEqualContent does.
 */
export function keepSameContent(
  lane: LaneContext,
  range: Range,
  content: FarContent,
): Uint8Array | undefined {
  if (range.pieces !== undefined || !keepsEqual(lane, range.place.dir)) return undefined;
  if (markSame(range, content) === 0) return undefined;
  stamp(lane, range);
  settle(lane, range);
  return marks;
}

/** Gives those that need it their time. */
function stamp(lane: LaneContext, { source, target, orders, place, from, to }: Range): void {
  // What is looked at besides is looked at one by one.
  const isPlain = !lane.settles.unchanged && !lane.hasLinkedTarget;
  for (let first = from; isPlain && first < to; first += filesPerStep) {
    lane.checkCancelled();
    const last = Math.min(first + filesPerStep, to);
    lane.fs.stampFiles?.(place.dir, target, orders.target, source, first, last, marks);
  }
  // What somebody has touched meanwhile is told of by whoever looks at it alone.
  for (let i = from; i < to; i++) {
    if (marks[i] === pickMark.wantedWithTime) marks[i] = pickMark.done;
  }
}

/** Says whether digests that came with the directory have told that an entry keeps its content; it is counted. */
function isTold({ orders, told }: Range, i: number): boolean {
  return orders.kind[i] === order.meta && hasRow(told?.same, i);
}

function needsTimeOnly(changes: number): boolean {
  return (changes & ~(change.transfer | change.mtime)) === 0;
}

/** Marks what is the same as done, or as in need of its time; of what was told before only the latter is left to do. */
function markSame(range: Range, content: FarContent): number {
  const { source, target, orders, from, to } = range;
  if (marks.length < to) marks = new Uint8Array(to * 2);
  let count = 0;
  for (let i = from; i < to; i++) {
    marks[i] = pickMark.none;
    const t = orders.target[i] as number;
    if (isTold(range, i)) {
      if (!needsTimeOnly(orders.changes[i] as number)) continue;
      marks[i] = pickMark.wantedWithTime;
      count++;
      continue;
    }
    if (orders.kind[i] !== order.change || t < 0 || content.sameAs(source, i) !== 0) continue;
    if (target.nlink[t] !== 1 || target.size[t] !== source.size[i]) continue;
    const isTimeOnly = needsTimeOnly(orders.changes[i] as number);
    marks[i] = isTimeOnly ? pickMark.wantedWithTime : pickMark.done;
    count++;
  }
  return count;
}

/** Says whether files with the wanted content may stay the files that they are. */
export function keepsEqual({ receive, settings }: LaneContext, dir: DirHandle): boolean {
  const { personality, transfer } = settings.options;
  const { options } = receive;
  return (
    personality === "manifold" &&
    dir >= 0 &&
    options.content.plain &&
    options.attributes.times &&
    !options.dryRun &&
    // Who asks for whole files gets them, and who keeps what is replaced wants it replaced.
    transfer.wholeFile !== true &&
    receive.backups === undefined
  );
}

function isWanted(lane: LaneContext, range: Range, content: OriginContent): boolean {
  const { task } = range;
  return (
    range.pieces === undefined &&
    keepsEqual(lane, range.place.dir) &&
    !lane.settings.options.transfer.openNoatime &&
    lane.follow === "none" &&
    task.origins.length === 1 &&
    task.named.length === 0 &&
    content.fs === lane.fs
  );
}

function markCandidates({ source, target, orders, from, to }: Range): number {
  if (marks.length < to) marks = new Uint8Array(to * 2);
  let count = 0;
  for (let i = from; i < to; i++) {
    marks[i] = pickMark.none;
    const t = orders.target[i] as number;
    if (orders.kind[i] !== order.change || t < 0) continue;
    const size = source.size[i] as number;
    const mode = source.mode[i] as number;
    if ((mode & typeMask) !== typeRegular || size !== target.size[t] || size > bytesMax) continue;
    // Other names of the file keep what it is.
    if (((target.mode[t] as number) & typeMask) !== typeRegular || target.nlink[t] !== 1) continue;
    const isTimeOnly = needsTimeOnly(orders.changes[i] as number);
    marks[i] = isTimeOnly ? pickMark.wantedWithTime : pickMark.wanted;
    count++;
  }
  return count;
}

function settle(lane: LaneContext, range: Range): void {
  const { source, orders, from, to } = range;
  let equal = 0;
  let equalBytes = 0;
  let finished = 0;
  let finishedBytes = 0;
  for (let i = from; i < to; i++) {
    const isFinished = marks[i] === pickMark.doneWithTime;
    if (!isFinished && marks[i] !== pickMark.done) continue;
    const size = source.size[i] as number;
    if (!isTold(range, i)) {
      orders.kind[i] = order.meta;
      equal++;
      equalBytes += size;
    }
    if (!isFinished) {
      // What else is wanted of it is an order of its own.
      marks[i] = pickMark.none;
      continue;
    }
    finished++;
    finishedBytes += size;
  }
  lane.count("doneFiles", equal);
  lane.count("doneBytes", equalBytes);
  lane.count("matched", equalBytes);
  countFinished(lane, finished, finishedBytes);
}

function countFinished(lane: LaneContext, files: number, bytes: number): void {
  lane.count("changed", files);
  lane.count("transferredFiles", files);
  lane.count("transferredSize", bytes);
}
