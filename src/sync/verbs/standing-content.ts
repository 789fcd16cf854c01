// Content that this machine has already, under another name: what a MOVE begins from, what takes the
// place of a hard link that cannot be, and what a basis directory has (--link-dest and its kin).

import { type ByteString, baseName, joinPath, parentPath } from "../../base/index.ts";
import { type ChangesetDigest, type OrderedDirectory, orderKind } from "../../changeset/index.ts";
import { type DirHandle, FsError, Stat } from "../../fs/index.ts";
import {
  linkStaged,
  type Seen,
  type SourceEntry,
  type StandingName,
  type TargetPlace,
  TokenFile,
  targetFailed,
} from "../../pipeline/index.ts";
import { Directory, differingAttributes, isRegular, sameNanos } from "../../tree/index.ts";
import { digestFile } from "../lane/file-digest.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { readTargetXattrs } from "../lane/target-details.ts";
import { keptPrefix } from "../state/kept-content.ts";
import { besideName } from "./move-aside.ts";

/** Errors of linking that say that these two can only be copies. */
const cannotLink = new Set(["EMLINK", "EXDEV", "EPERM", "EOPNOTSUPP", "ENOSYS"]);

const stat = new Stat();

/** One entry that is to have such content. */
export interface StandingEntry {
  readonly lane: LaneContext;
  readonly place: TargetPlace;
  readonly entry: SourceEntry;
  readonly seen: Seen;
  readonly digest: ChangesetDigest;
}

/** Makes the entry another name of what stands at `from`, or a copy of it where that cannot be. False = reported. */
export function linkOrCopy(wanted: StandingEntry, from: StandingName): boolean {
  const { lane, place, entry, seen } = wanted;
  try {
    return linkStaged(lane.receive, from, place, entry.name, seen);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const isCopied = error.operation.startsWith("link") && cannotLink.has(error.code);
    if (isCopied && isRegular(entry.listing.mode[entry.index] as number)) {
      return copyStanding(wanted, from);
    }
    targetFailed(lane.receive, place, entry.name, error);
    return false;
  }
}

function copyStanding(
  { lane, place, entry, seen, digest }: StandingEntry,
  from: StandingName,
): boolean {
  let file: TokenFile | undefined;
  try {
    file = new TokenFile(lane.receive, place, { ...entry, basis: from }, seen, digest);
    file.take([{ kind: "all" }]);
    return file.finish(digestFile(lane.fs, from.dir, from.name, digest));
  } catch (error) {
    file?.abandon();
    targetFailed(lane.receive, place, entry.name, error);
    return false;
  }
}

/**
 * Takes a new file from a basis directory that has it unchanged; undefined = none has. "compare": it is left out. In a
 * dry run nothing is done.
 */
export function takeFromBasis(wanted: StandingEntry): "done" | "failed" | undefined {
  const { lane, place, entry } = wanted;
  const { basis } = lane;
  if (basis === undefined) return undefined;
  for (const dir of basis.open(place.path)) {
    if (dir === undefined || !hasLike(wanted, dir)) continue;
    if (basis.kind === "compare" || lane.settings.options.transfer.dryRun) return "done";
    const from = { dir, name: entry.name };
    const isDone =
      basis.kind === "link" && hasAttributes(wanted, dir)
        ? linkOrCopy(wanted, from)
        : copyStanding(wanted, from);
    return isDone ? "done" : "failed";
  }
  return undefined;
}

function hasLike({ lane, entry }: StandingEntry, dir: DirHandle): boolean {
  const { listing, index, name } = entry;
  const { fs, settings } = lane;
  if (!fs.stat(dir, name, stat) || !isRegular(stat.mode)) return false;
  if (stat.size !== listing.size[index]) return false;
  if (settings.options.select.sizeOnly) return true;
  const nanos = listing.mtimeNanos[index] as number;
  const isSameTime =
    nanos === 0 || stat.mtimeNanos === 0 || sameNanos(fs.abilities, stat.mtimeNanos, nanos);
  return stat.mtime === listing.mtime[index] && isSameTime;
}

/** A link has the attributes of the file that it is of. */
function hasAttributes({ lane, entry }: StandingEntry, dir: DirHandle): boolean {
  const found = new Directory();
  found.add(entry.name, 0);
  lane.fs.statEntries(dir, found, 0, 1);
  if (lane.targetXattrs !== undefined) readTargetXattrs(lane.fs, dir, found, lane.targetXattrs);
  const { attributes } = lane.diff;
  return differingAttributes(attributes, entry.listing, entry.index, found, 0, "keep") === 0;
}

/** The name in staging of old content that is still needed, by its digest. */
function keptName(digest: Uint8Array): ByteString {
  return `${keptPrefix}${Buffer.from(digest).toString("hex")}`;
}

/**
 * Keeps the old content of a row that says that it continues elsewhere, under a name in staging, before anything takes
 * its place. False = that could not be done, which was reported: the row must not be carried out.
 */
export function keepContinued(
  lane: LaneContext,
  place: TargetPlace,
  orders: OrderedDirectory,
  row: number,
): boolean {
  const digest = orders.before.digests.get(row);
  const isKept = orders.continues.has(row) && digest !== undefined;
  if (!isKept || lane.settings.options.transfer.dryRun) return true;
  const name = orders.name(row);
  try {
    const stage = lane.receive.staging.open("");
    if (stage < 0) return true;
    lane.fs.link(place.dir, name, stage, keptName(digest));
  } catch (error) {
    if (error instanceof FsError && error.code === "EEXIST") return true;
    targetFailed(lane.receive, place, name, error);
    return false;
  }
  return true;
}

/** What a MOVE begins from. */
interface MovedContent {
  readonly from: StandingName;
  /** Says, once it is open, whether another lane may have replaced it before that: then it is kept by now. */
  readonly isSure: () => boolean;
  readonly close: () => void;
}

/** Opens the directory that has the basis of a MOVE: as it stands, or kept; to be closed. Undefined for other orders. Throws FsError. */
export function openMoved(
  lane: LaneContext,
  orders: OrderedDirectory,
  row: number,
): MovedContent | undefined {
  const basis = orders.bases.get(row);
  if (basis === undefined || orders.kind[row] !== orderKind.move) return undefined;
  if (basis.digest !== undefined && lane.receive.staging.open("") >= 0) {
    const from = { dir: lane.receive.staging.open(""), name: keptName(basis.digest) };
    if (lane.fs.stat(from.dir, from.name, stat)) {
      return { from, isSure: () => true, close: () => undefined };
    }
  }
  const dir = lane.openTargetDirectory(parentPath(basis.path));
  const from = { dir, name: baseName(basis.path) };
  const isSure = (): boolean => basis.digest === undefined || !isKeptAlready(lane, basis.digest);
  return { from, isSure, close: () => lane.fs.closeDirectory(dir) };
}

function isKeptAlready({ fs, receive }: LaneContext, digest: Uint8Array): boolean {
  const stage = receive.staging.open("");
  return stage >= 0 && fs.stat(stage, keptName(digest), stat);
}

/**
 * Gives old content that was kept for a MOVE that could not be carried out another name beside the one that it did not
 * get, and tells so: nobody else may have it.
 */
export function saveKept(
  { fs, receive, settings, targetRoot }: LaneContext,
  place: TargetPlace | undefined,
  orders: OrderedDirectory,
  row: number,
): void {
  const digest = orders.bases.get(row)?.digest;
  const isMove = orders.kind[row] === orderKind.move && digest !== undefined;
  if (!isMove || settings.options.transfer.dryRun) return;
  const stage = receive.staging.open("");
  const kept = keptName(digest);
  if (stage < 0 || !fs.stat(stage, kept, stat)) return;
  const name = orders.name(row);
  // Where its directory cannot be entered, the root has room for it.
  const dir = place !== undefined && place.dir >= 0 ? place.dir : targetRoot;
  const other = besideName(name, (free) => fs.link(stage, kept, dir, free));
  const reason =
    other === undefined
      ? "what was to become it, and may be nowhere else, could not be kept"
      : `what was to become it, and may be nowhere else, is now "${other}"`;
  receive.problem(joinPath(orders.path, name), "conflict", 0, reason);
}
