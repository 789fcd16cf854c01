// The lane's part of large files: opens one, copies a piece, gives one up. Finishing one is applying
// its entry, with the pieces at hand.

import { FsError } from "../fs/index.ts";
import {
  abandonLarge,
  beginLarge,
  copyContent,
  type SourceEntry,
  type TargetPlace,
  targetFailed,
} from "../pipeline/index.ts";
import { Directory } from "../tree/index.ts";
import { Cancelled, type LaneContext } from "./lane-context.ts";
import { sourceLabel } from "./origin-content.ts";
import type {
  ApplyResult,
  ApplyTask,
  LargeAbandonTask,
  LargeBeginResult,
  LargeBeginTask,
  LargePieceResult,
  LargePieceTask,
  PlainResult,
} from "./tasks.ts";

/** Opens a large file; answers as for an applied entry when that failed. */
export function beginLargeFile(
  lane: LaneContext,
  task: LargeBeginTask,
): LargeBeginResult | ApplyResult {
  const { node, from } = task;
  const dir = lane.openTargetDirectory(task.path);
  const content = lane.contentSource(task.origins, task.named);
  try {
    const place = { dir, path: task.path };
    const entry = entryOf(lane, task);
    const file = attempt(lane, place, entry, () => beginLarge(lane.receive, place, entry, content));
    if (file !== undefined) return { kind: "large-begin", node, from, file };
    lane.count("failed");
    const events = lane.takeEvents();
    return { kind: "apply", node, from, events, touched: false, complete: false, delayed: [] };
  } finally {
    content.close();
    lane.fs.closeDirectory(dir);
  }
}

/** Copies a piece. Never throws for trouble with files: whoever finishes the file tells of it. */
export function copyLargePiece(lane: LaneContext, task: LargePieceTask): LargePieceResult {
  const { node, from, source, target, position, length: wanted } = task;
  const answer = { kind: "large-piece", node, from, position } as const;
  try {
    lane.checkCancelled();
    const length = copyContent(lane.receive, source, target, position, position + wanted);
    return { ...answer, length, error: undefined };
  } catch (error) {
    if (error instanceof Cancelled) return { ...answer, length: 0, error: undefined };
    if (!(error instanceof FsError)) throw error;
    const { errno, operation } = error;
    return { ...answer, length: 0, error: { errno, operation } };
  }
}

/** Gives a file up that a stopped run had begun. */
export function abandonLargeFile(lane: LaneContext, task: LargeAbandonTask): PlainResult {
  const dir = lane.openTargetDirectory(task.path);
  try {
    const place = { dir, path: task.path };
    const entry = entryOf(lane, task);
    attempt(lane, place, entry, () => {
      abandonLarge(lane.receive, place, entry, task.pieces);
      lane.fs.closeFile(task.pieces.file.source);
      return undefined;
    });
  } finally {
    lane.fs.closeDirectory(dir);
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

function attempt<T>(
  lane: LaneContext,
  place: TargetPlace,
  entry: SourceEntry,
  act: () => T,
): T | undefined {
  try {
    return act();
  } catch (error) {
    targetFailed(lane.receive, place, entry.name, error);
    return undefined;
  }
}
