// The lane's part of large files: opens one, signs a part of its basis, writes a piece, gives one up.
// Finishing one is applying its entry, with the pieces at hand.

import type { ByteString } from "../../base/index.ts";
import { Orders } from "../../changeset/index.ts";
import { closeRead, type DirHandle, FsError } from "../../fs/index.ts";
import {
  abandonLarge,
  beginLarge,
  copyContent,
  copySparsePart,
  copyThroughMemory,
  matchPiece,
  nothingMatched,
  type ReceiveContext,
  type SourceEntry,
  signPart,
  targetFailed,
} from "../../pipeline/index.ts";
import { Directory } from "../../tree/index.ts";
import { Cancelled, type LaneContext } from "../lane/lane-context.ts";
import { sourceLabel } from "../lane/origin-content.ts";
import type { ApplyTask } from "../tasks/apply-task.ts";
import type {
  LargeAbandonTask,
  LargeBeginResult,
  LargeBeginTask,
  LargePieceResult,
  LargePieceTask,
  LargeSignResult,
  LargeSignTask,
} from "../tasks/large-file-tasks.ts";
import type { Range } from "../tasks/range.ts";
import type { ApplyResult, PlainResult } from "../tasks/tasks.ts";
import { settleCompared } from "./compare-content.ts";
import { report } from "./report-item.ts";

/** Opens a large file; answers as for an applied entry when that failed. */
export function beginLargeFile(
  lane: LaneContext,
  task: LargeBeginTask,
): LargeBeginResult | ApplyResult {
  const { node, from, path } = task;
  settleCompared(lane, task);
  const entry = entryOf(lane, task);
  const content = lane.contentSource(task.origins, task.named);
  let dir: DirHandle | undefined;
  try {
    const file = attempt(lane, path, entry, () => {
      dir = lane.openTargetDirectory(path);
      const index = Orders.thaw(task.orders).target[from] as number;
      const seen = { listing: Directory.thaw(task.target), index };
      return beginLarge(lane.receive, { dir, path }, entry, seen, content);
    });
    if (file !== undefined) {
      // Whoever writes it alone tells of it.
      if (lane.wishes.early && file !== "alone") report(lane, rangeOf(task), from);
      return { kind: "large-begin", node, from, events: lane.takeEvents(), file };
    }
    lane.count("failed");
    const events = lane.takeEvents();
    return { kind: "apply", node, from, events, touched: false, complete: false, delayed: [] };
  } finally {
    content.close();
    if (dir !== undefined) lane.fs.closeDirectory(dir);
  }
}

/** Signs blocks of a basis. */
export function signLargeBasis(lane: LaneContext, task: LargeSignTask): LargeSignResult {
  const { node, from, basis, firstBlock, blockCount } = task;
  const signed = !lane.isCancelled && signPart(lane.receive, basis, firstBlock, blockCount);
  return { kind: "large-sign", node, from, signed };
}

/**
 * Writes a piece, or as much of it as can be had. Never throws for trouble with files: whoever finishes the file tells
 * of it.
 */
export function writeLargePiece(lane: LaneContext, task: LargePieceTask): LargePieceResult {
  const { node, from, file, position, length: wanted } = task;
  const answer = { kind: "large-piece", node, from, position } as const;
  const { receive, keptIndex } = lane;
  const copied = { length: 0, counts: nothingMatched };
  try {
    lane.checkCancelled();
    const key = `${node}:${from}`;
    const matched = matchPiece(receive, task, (signature) => keptIndex.of(key, signature));
    if (matched !== undefined) return { ...answer, ...matched, error: undefined };
    while (copied.length < wanted) {
      lane.checkCancelled();
      const start = position + copied.length;
      const end = position + Math.min(wanted, copied.length + receive.stepBytes);
      const length = copyPart(receive, file, start, end);
      copied.length += length;
      if (length < end - start) break;
    }
    return { ...answer, ...copied, error: undefined };
  } catch (error) {
    if (error instanceof Cancelled) return { ...answer, ...copied, error: undefined };
    if (!(error instanceof FsError)) throw error;
    const { errno, operation } = error;
    return { ...answer, ...copied, error: { errno, operation } };
  }
}

function copyPart(
  receive: ReceiveContext,
  { source, target, sparse, throughMemory }: LargePieceTask["file"],
  from: number,
  to: number,
): number {
  if (sparse) return copySparsePart(receive, source, target, { from, to, reserved: false });
  const copy = throughMemory ? copyThroughMemory : copyContent;
  return copy(receive, source, target, from, to);
}

/** Gives a file up that a stopped run had begun. */
export function abandonLargeFile(lane: LaneContext, task: LargeAbandonTask): PlainResult {
  const { path, pieces } = task;
  const entry = entryOf(lane, task);
  let dir: DirHandle | undefined;
  try {
    attempt(lane, path, entry, () => {
      dir = lane.openTargetDirectory(path);
      abandonLarge(lane.receive, { dir, path }, entry, pieces);
      closeRead(lane.fs, pieces.file.source);
      if (pieces.file.basis !== undefined) closeRead(lane.fs, pieces.file.basis.file);
      return undefined;
    });
  } finally {
    if (dir !== undefined) lane.fs.closeDirectory(dir);
  }
  return { kind: "cancelled", events: lane.takeEvents() };
}

function entryOf(lane: LaneContext, task: Omit<ApplyTask, "kind">): SourceEntry {
  const listing = Directory.thaw(task.source);
  const index = task.from;
  const name = listing.name(index);
  const origin = listing.origin[index] as number;
  return {
    listing,
    index,
    name,
    label: sourceLabel(lane, task.origins, task.named, origin, name),
  };
}

/** The task as a range; orders and listings are looked at only. */
function rangeOf(task: LargeBeginTask): Range {
  return {
    task,
    place: { dir: -1, path: task.path },
    source: Directory.thaw(task.source),
    target: Directory.thaw(task.target),
    orders: Orders.thaw(task.orders),
    from: task.from,
    to: task.to,
    pieces: undefined,
  };
}

function attempt<T>(
  lane: LaneContext,
  path: ByteString,
  entry: SourceEntry,
  act: () => T,
): T | undefined {
  try {
    return act();
  } catch (error) {
    targetFailed(lane.receive, { dir: -1, path }, entry.name, error);
    return undefined;
  }
}
