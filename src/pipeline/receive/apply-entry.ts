// Carries out one order on the target. The receiver decides nothing: the order says what, the
// listing says how it shall look, and the target is looked at once more before it is changed.

import { type ByteString, joinPath } from "../../base/index.ts";
import { type Orders, order } from "../../changeset/index.ts";
import { FsError, Stat } from "../../fs/index.ts";
import {
  type Directory,
  isDirectory,
  setGroupId,
  typeDirectory,
  typeMask,
  typeRegular,
} from "../../tree/index.ts";
import { everyAttribute, setAttributes } from "./attributes.ts";
import { isAsSeen, type Seen } from "./commit.ts";
import type { ContentSource, ReceiveContext, SourceEntry } from "./context.ts";
import { inheritanceOf } from "./inheritance.ts";
import { receiveNode } from "./make-node.ts";
import { createdModeOf, setNewAttributes } from "./new-attributes.ts";
import { receiveRegularFile } from "./regular-file.ts";
import { leftAsItIs } from "./settle-conflict.ts";
import { StagingError } from "./staging-error.ts";
import type { TargetPlace } from "./target-place.ts";

/**
 * Applies order `entry.index`; true when the target now is as ordered. Problems are reported, never thrown,
 * except what stops the run. Not for dry runs, and not for orders of kind link or compare.
 */
export function applyEntry(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  target: Directory,
  orders: Orders,
  content: ContentSource,
): boolean {
  const { listing, index } = entry;
  const seen = { listing: target, index: orders.target[index] as number };
  const type = (listing.mode[index] as number) & typeMask;
  try {
    if (orders.kind[index] === order.meta) {
      const path = joinPath(place.path, entry.name);
      if (type !== typeDirectory && !mayChange(context, place, entry, seen)) return false;
      const at = { dir: place.dir, name: entry.name === "." ? "" : entry.name, path };
      setAttributes(context, at, listing, index, orders.changes[index] as number);
      return true;
    }
    if (type === typeDirectory) return makeDirectory(context, place, entry, seen);
    if (type === typeRegular) {
      const changes = orders.changes[index] as number;
      return receiveRegularFile(context, place, entry, seen, content, changes);
    }
    return receiveNode(context, place, entry, seen);
  } catch (error) {
    targetFailed(context, place, entry.name, error);
    return false;
  }
}

/** Says whether the entry is still what the scan saw, or the user does not mind; else reports a conflict. */
function mayChange(
  context: ReceiveContext,
  place: TargetPlace,
  { name }: SourceEntry,
  seen: Seen,
): boolean {
  if (context.options.onConflict === "overwrite" || isAsSeen(context, place, name, seen))
    return true;
  context.problem(joinPath(place.path, name), "conflict", 0, leftAsItIs);
  return false;
}

/** Reports a failed system call on an entry of the target; ends the run where going on has no sense. */
export function targetFailed(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  error: unknown,
): void {
  if (!(error instanceof FsError)) throw error;
  const path = joinPath(place.path, name);
  if (endsRun(context, error)) context.stop(path, error.operation, error.errno);
  const says = error instanceof StagingError ? error.says : undefined;
  context.problem(path, error.operation, error.errno, says);
}

const writing = new Set(["pwrite", "copy_file_range", "close", "fsync"]);

/** A full or failing target would fail every entry to come: nothing more is begun. */
function endsRun({ options }: ReceiveContext, error: FsError): boolean {
  if (options.endsRunOn === "write-errors") return writing.has(error.operation);
  return error.code === "ENOSPC" || error.code === "EDQUOT" || error.code === "EIO";
}

/**
 * Makes a directory that its owner can fill; its final mode, when that is narrower, and its times come after its
 * contents.
 */
function makeDirectory(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
): boolean {
  const { fs, options } = context;
  const { listing, index } = entry;
  const gives = inheritanceOf(context, place);
  if (!options.attributes.mode && gives.setGroupId) {
    listing.mode[index] = (listing.mode[index] as number) | setGroupId;
  }
  if (seen.index >= 0) return receiveNode(context, place, entry, seen);
  const asked = createdModeOf(options, listing, index);
  try {
    fs.makeDirectory(place.dir, entry.name, asked);
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
    return takeDirectory(context, place, entry);
  }
  const createdMode = gives.setGroupId ? asked | setGroupId : asked;
  const made = { staged: { dir: place.dir, name: entry.name }, file: -1, createdMode };
  setNewAttributes(context, place, entry, made);
  return true;
}

const stat = new Stat();

/** Somebody else, another run perhaps, made the directory first; anything else that stands there is a conflict. */
function takeDirectory(context: ReceiveContext, place: TargetPlace, entry: SourceEntry): boolean {
  const { fs, options } = context;
  const { listing, index, name } = entry;
  const path = joinPath(place.path, name);
  if (!fs.stat(place.dir, name, stat) || !isDirectory(stat.mode)) {
    context.problem(path, "conflict", 0, leftAsItIs);
    return false;
  }
  const at = { dir: place.dir, name, path };
  setAttributes(context, at, listing, index, everyAttribute(options, listing, index));
  return true;
}
