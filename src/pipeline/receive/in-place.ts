// Writes into the target's own file (--inplace, --append, --write-devices): its inode and its hard
// links stay, and an interrupted run leaves it half changed, which is what was asked for.

import { joinPath } from "../../base/index.ts";
import { closeRead, type FileHandle, FsError, Stat } from "../../fs/index.ts";
import { isDevice } from "../../tree/index.ts";
import { everyAttribute, setAttributes, writtenAttributes } from "./attributes.ts";
import { looksAsSeen, type Seen } from "./commit.ts";
import type { ContentSource, ReceiveContext, SourceEntry } from "./context.ts";
import { commonPrefix, copyContent } from "./copy-content.ts";
import { openForUpdate } from "./partial-files.ts";
import { type Filling, fillProven } from "./prove-content.ts";
import { isReadBack } from "./read-back.ts";
import { leftAsItIs } from "./settle-conflict.ts";
import { punchZeros } from "./sparse.ts";
import type { TargetPlace } from "./target-place.ts";

const stat = new Stat();

/** What is at hand of the file. */
export interface InPlace {
  readonly content: ContentSource;
  /** The source, open. */
  readonly file: FileHandle;
  /** Change bits of the order. */
  readonly changes: number;
}

/** Brings the target's file up to date where it lies; makes it when it is not there. */
export function receiveInPlace(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
  at: InPlace,
): boolean {
  const { fs, options } = context;
  const kept = seen.index < 0 || context.backups?.copy(context, place, entry.name);
  if (kept === false) return false;
  const opened = openTarget(context, place, entry, seen);
  if (opened === undefined) return false;
  const { file: target, size, isNew } = opened;
  try {
    const filling = {
      source: at.file,
      target,
      basis: { file: target, size },
      isBasis: true,
    } as const;
    // The same file under two names has what it shall have; reading while writing would only spoil it.
    const filled = isSameFile(context, at, target)
      ? true
      : opened.isDevice
        ? fillDevice(context, entry, at, target)
        : options.content.append !== "no" && size > 0
          ? append(context, place, entry, at, filling)
          : fillProven(context, entry, at.content, filling);
    if (!filled) return false;
    if (options.fsync) fs.syncFile(target);
  } finally {
    fs.closeFile(target);
  }
  settle(context, place, entry, isNew ? undefined : at.changes);
  const staged = { dir: place.dir, name: entry.name, mount: "" };
  return !options.content.readBack || isReadBack(context, place, entry, staged, at.file);
}

interface OpenTarget {
  readonly file: FileHandle;
  readonly size: number;
  readonly isNew: boolean;
  readonly isDevice: boolean;
}

function openTarget(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
): OpenTarget | undefined {
  const { fs, options } = context;
  if (seen.index < 0) {
    try {
      const file = fs.createFile(place.dir, entry.name, 0o600);
      return { file, size: 0, isNew: true, isDevice: false };
    } catch (error) {
      const isThere = error instanceof FsError && error.code === "EEXIST";
      if (!isThere || options.onConflict !== "overwrite") {
        if (isThere) return conflict(context, place, entry);
        throw error;
      }
    }
  }
  const file = openForUpdate(context, place.dir, entry.name, options.content.writeDevices);
  try {
    fs.statFile(file, stat);
  } catch (error) {
    closeRead(fs, file);
    throw error;
  }
  if (options.onConflict !== "overwrite" && !looksAsSeen(context, stat, seen)) {
    closeRead(fs, file);
    return conflict(context, place, entry);
  }
  return { file, size: stat.size, isNew: false, isDevice: isDevice(stat.mode) };
}

const sourceStat = new Stat();

function isSameFile(
  { fs }: ReceiveContext,
  { content, file }: InPlace,
  target: FileHandle,
): boolean {
  content.fs.statFile(file, sourceStat);
  fs.statFile(target, stat);
  return (
    sourceStat.inoLow === stat.inoLow &&
    sourceStat.inoHigh === stat.inoHigh &&
    sourceStat.devMajor === stat.devMajor &&
    sourceStat.devMinor === stat.devMinor
  );
}

function conflict(context: ReceiveContext, place: TargetPlace, entry: SourceEntry): undefined {
  const path = joinPath(place.path, entry.name);
  context.problem(path, "conflict", 0, leftAsItIs);
  return undefined;
}

/** A device has no length to set and nothing to compare with. */
function fillDevice(
  context: ReceiveContext,
  entry: SourceEntry,
  { content, file }: InPlace,
  target: FileHandle,
): boolean {
  const length = copyContent(context, file, target, 0, entry.listing.size[entry.index] as number);
  context.count(length, 0);
  if (content.isUnchanged(file, entry) || context.options.content.acceptTorn) return true;
  context.sourceProblem(entry, "read", 0, "changed while it was read");
  return false;
}

/** Adds what the target lacks. With "verify", a beginning that differs is mended after all. */
function append(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  { content }: InPlace,
  filling: Filling,
): boolean {
  const { options } = context;
  const { source, target, basis } = filling;
  const had = basis?.size ?? 0;
  content.fs.statFile(source, stat);
  if (stat.size < (entry.listing.size[entry.index] as number)) {
    context.note("skip", 0, `skipped diminished file: ${entry.label ?? entry.name}`);
    return false;
  }
  const size = stat.size;
  if (size > had) context.count(copyContent(context, source, target, had, size), 0);
  if (options.sparse) punchZeros(context, target, size);
  if (options.content.append === "append") return true;
  if (commonPrefix(context, source, target, size) === size) return true;
  context.again(joinPath(place.path, entry.name));
  return fillProven(context, entry, content, { ...filling, basis: { file: target, size } });
}

/** Attributes after the content, as writing changes times and may clear set-id bits. */
function settle(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  changes: number | undefined,
): void {
  const { options } = context;
  const { listing, index } = entry;
  const bits =
    changes === undefined
      ? everyAttribute(options, listing, index)
      : writtenAttributes(options, listing, index, changes);
  const at = { dir: place.dir, name: entry.name, path: joinPath(place.path, entry.name) };
  setAttributes(context, at, listing, index, bits);
}
