// Entries that are made of a file that the target has under another name, or had when the run began: its content is
// compared with what is wanted, and what is equal is linked, where that file loses its name anyway, or copied. Nothing
// is taken from the source then but a look.

import { type ByteString, joinPath, ManifoldError } from "../../base/index.ts";
import { closeRead, type FileHandle, FsError, isSameInode, Stat } from "../../fs/index.ts";
import { equalDigests } from "../../hash/index.ts";
import {
  applyEntry,
  type ContentSource,
  linkMoved,
  type MovedFile,
  type SourceEntry,
} from "../../pipeline/index.ts";
import { change, isRegular } from "../../tree/index.ts";
import type { FoundBases } from "../lane/entry-bases.ts";
import { equalContents } from "../lane/equal-content.ts";
import { FarContent } from "../lane/far-content.ts";
import { closeFound, type FoundFile, openFound } from "../lane/found-file.ts";
import { PartsReader } from "../lane/found-parts.ts";
import { PartsChanged } from "../lane/held-bytes.ts";
import { digestOf } from "../lane/known-bases.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { fileTag, type MoveBasis } from "../tasks/move-tasks.ts";
import type { Range } from "../tasks/range.ts";

/** How it ended: "none" = no file has what is wanted, and nothing was done. */
export type Taken = "done" | "failed" | "none";

/** An order of this very run may give the file other times while it is copied. */
const triesMax = 3;

const now = new Stat();

/** Makes entry `i` of a file of the target, if one of those that it may be made of has its content. */
export function takeFound(
  lane: LaneContext,
  range: Range,
  entry: SourceEntry,
  content: ContentSource,
): Taken {
  const bases = range.task.bases?.[entry.index - range.from] ?? [];
  if (content instanceof FarContent) return takeTold(lane, range, entry, content, bases);
  for (const basis of bases) {
    if (basis.same === "name") continue;
    const taken = takeOne(lane, range, entry, content, basis);
    if (taken !== "none") return taken;
  }
  return "none";
}

/** The same where the source is elsewhere, and its end has said as which of the files that it was told of it is. Throws PartsChanged. */
function takeTold(
  lane: LaneContext,
  range: Range,
  entry: SourceEntry,
  content: FarContent,
  bases: readonly MoveBasis[],
): Taken {
  const number = content.sameAs(range.source, entry.index) ?? 0;
  if (number === 0) return "none";
  const basis = bases[number - 1];
  if (basis?.digest === undefined) {
    throw new ManifoldError("protocol-data", "The other end knows a file that it was not told of");
  }
  for (let tries = 0; tries < triesMax; tries++) {
    const taken = takeKnown(lane, range, entry, { ...basis, digest: basis.digest });
    if (taken !== "none") return taken;
  }
  // It has changed, or what was known of it was wrong: the entry is wished for once more, without it.
  if (lane.settings.options.transfer.dryRun) return "none";
  throw new PartsChanged();
}

/** Makes the entry of a file whose digest the other end has found to be the right one; "none" = it is another by now. */
function takeKnown(
  lane: LaneContext,
  range: Range,
  entry: SourceEntry,
  basis: MoveBasis & { readonly digest: Uint8Array },
): Taken {
  const found = openFound(lane, basis);
  try {
    if (found === undefined || !equalDigests(digestOf(lane, found), basis.digest)) return "none";
    const taken = makeOf(lane, range, entry, basis, found);
    if (taken === "failed") lane.missed.push(pathOf(basis));
    return taken;
  } catch (error) {
    if (error instanceof FoundChanged || error instanceof FsError) return "none";
    throw error;
  } finally {
    if (found !== undefined) closeFound(lane, found);
  }
}

/** Returns what entries of a range are built from that the other end was told of, where that is not their own. */
export function foundBases(lane: LaneContext, { task, from }: Range): FoundBases {
  return {
    open: (index) => {
      const basis = task.bases?.[index - from]?.find(({ isSigned }) => isSigned === true);
      if (basis === undefined) return undefined;
      const found = openFound(lane, basis);
      if (found === undefined) throw new FsError(2, "open", basis.name);
      if (found.closes) lane.fs.closeDirectory(found.dir);
      return found.file;
    },
    parts: (index) => {
      const parts = task.parts?.[index - from];
      return parts && new PartsReader(lane, parts);
    },
  };
}

function takeOne(
  lane: LaneContext,
  range: Range,
  entry: SourceEntry,
  content: ContentSource,
  basis: MoveBasis,
): Taken {
  const found = openFound(lane, basis);
  if (found === undefined) return "none";
  try {
    if (!isWanted(lane, entry, content, basis, found)) return "none";
    const taken = makeOf(lane, range, entry, basis, found);
    if (taken === "failed") lane.missed.push(pathOf(basis));
    return taken;
  } catch (error) {
    if (error instanceof FoundChanged) return "none";
    throw error;
  } finally {
    closeFound(lane, found);
  }
}

/** Says whether the file has the content that is wanted: by its size and time alone, if the user believes those. */
function isWanted(
  lane: LaneContext,
  entry: SourceEntry,
  content: ContentSource,
  { same, size, mtime, mtimeNanos }: MoveBasis,
  { looks, file }: FoundFile,
): boolean {
  const wanted = entry.listing.size[entry.index] as number;
  if (looks.size !== wanted) return false;
  const { detect } = lane.settings.options.own.renames;
  const isListed = looks.size === size && looks.mtime === mtime && looks.mtimeNanos === mtimeNanos;
  if (detect !== "content" && same === "time" && isListed) return true;
  if (detect === "names") return false;
  let source: FileHandle | undefined;
  try {
    source = content.open(entry);
    return (
      equalContents({ lane, sourceFs: content.fs, from: source, to: file }, 0, wanted) &&
      content.isUnchanged(source, entry)
    );
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    // Whoever reads it for its content will say what is wrong.
    return false;
  } finally {
    if (source !== undefined) closeRead(content.fs, source);
  }
}

/** Makes the entry of the file that was found. Throws FoundChanged. */
function makeOf(
  lane: LaneContext,
  range: Range,
  entry: SourceEntry,
  basis: MoveBasis,
  found: FoundFile,
): Taken {
  const { orders } = range;
  const { index } = entry;
  const size = entry.listing.size[index] as number;
  const before = orders.changes[index] as number;
  orders.changes[index] = toldChanges(lane, before, basis);
  lane.transferred.literal = 0;
  lane.transferred.matched = size;
  if (isOurs(lane)) range.madeOf = pathOf(basis);
  let isDone = lane.settings.options.transfer.dryRun;
  try {
    if (!isDone) isDone = writeOf(lane, { range, entry, basis, found });
  } catch (error) {
    orders.changes[index] = before;
    range.madeOf = undefined;
    throw error;
  }
  if (!isDone) return "failed";
  lane.count("matched", size);
  const path = joinPath(range.place.path, entry.name);
  lane.note("name", 2, `found renamed: ${pathOf(basis)} => ${path}`);
  return "done";
}

function isOurs({ settings }: LaneContext): boolean {
  return settings.options.personality === "manifold";
}

/** rsync's patch tells of a file that was compared as of one that was transferred, and has no letter of its own for others. */
function toldChanges(lane: LaneContext, changes: number, { becomes }: MoveBasis): number {
  const local = (changes & ~change.transfer) | change.local;
  if (isOurs(lane)) return local | change.found | (becomes ? change.moved : 0);
  return lane.settings.options.own.renames.detect === "content" ? changes : local;
}

interface Writing {
  readonly range: Range;
  readonly entry: SourceEntry;
  readonly basis: MoveBasis;
  readonly found: FoundFile;
}

function writeOf(lane: LaneContext, { range, entry, basis, found }: Writing): boolean {
  const { place, orders, target } = range;
  const seen = { listing: target, index: orders.target[entry.index] as number };
  if (basis.becomes && basis.tag <= fileTag.gone) {
    const from: MovedFile = { dir: found.dir, name: found.name, looks: found.looks };
    try {
      const linked = linkMoved(lane.receive, place, entry, seen, from);
      if (linked !== "copy") return linked;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      // Whatever it is, it shows once more, and is told, when the file is copied.
    }
  }
  const receive = { ...lane.receive, count: () => undefined };
  return applyEntry(receive, place, entry, target, orders, foundContent(lane, found));
}

/** The file that was found changed while it was copied. */
class FoundChanged extends Error {}

function foundContent(lane: LaneContext, found: FoundFile): ContentSource {
  const { fs } = lane;
  return {
    fs,
    // The very file that was looked at, wherever its name is by now.
    open: () => {
      if (found.isTaken === true) return fs.openRead(found.dir, found.name);
      found.isTaken = true;
      return found.file;
    },
    isUnchanged: (file) => {
      fs.statFile(file, now);
      if (!isAsFound(now, found.looks)) throw new FoundChanged();
      return true;
    },
    refresh: () => false,
  };
}

function isAsFound(stat: Stat, looks: Stat): boolean {
  return (
    isRegular(stat.mode) &&
    isSameInode(stat, looks) &&
    stat.size === looks.size &&
    stat.mtime === looks.mtime &&
    stat.mtimeNanos === looks.mtimeNanos
  );
}

function pathOf({ directory, name }: MoveBasis): ByteString {
  return joinPath(directory, name);
}
