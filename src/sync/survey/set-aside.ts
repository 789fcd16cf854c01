// Which entries of a surveyed directory wait until all of the target has been seen, because what they need may be
// there under another name: regular files that the target has not got, and those that it has with other content
// if another file looks like what is wanted, or may. That depends on nothing but the two trees: whatever lanes happen to have seen
// by then, a trial run tells what the real one does.

import { type Orders, order } from "../../changeset/index.ts";
import { type DirHandle, FsError } from "../../fs/index.ts";
import { Directory, freezeRows, frozenRowsBytes, hideState, isRegular } from "../../tree/index.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import type { LaneMoves } from "../lane/lane-moves.ts";
import { mustLookForContent } from "../plan/looks-for-content.ts";
import { isHardLinked } from "../tasks/link-groups.ts";
import type { WaitingRows } from "../tasks/move-tasks.ts";
import { DirectoryLooks } from "./directory-looks.ts";

/**
 * Takes entries out of the orders of the surveyed directory, which become "late", and returns them; undefined = none
 * wait. Names of hard-link groups wait elsewhere: they have their turn.
 */
export function setAside(lane: LaneContext, target: Directory): WaitingRows | undefined {
  const { moves, source, orders } = lane;
  if (moves === undefined || moves.memory.isEmpty) return undefined;
  const { hardLinks } = lane.settings.options.preserve;
  const rows = rowsThatWait(lane, moves, target).filter(
    (i) => !(hardLinks && isHardLinked(source, i)),
  );
  if (rows.length === 0) return undefined;
  // What another machine keeps for them is its whole listing.
  const listed = lane.arrivals === undefined ? rows.length : source.count;
  const bytes = frozenRowsBytes(source, rows) * (target.count === 0 ? 1 : 2) + listed * listedBytes;
  if (!moves.memory.waits(bytes)) {
    if (moves.memory.tellsFull()) lane.note("name", 1, fullNote);
    return undefined;
  }
  const waiting = freezeWaiting(source, target, orders, rows);
  for (const i of rows) {
    orders.kind[i] = order.late;
    orders.changes[i] = 0;
  }
  return waiting;
}

const fullNote =
  "too many files are new or differ: some are transferred without a look whether they are elsewhere on the target";

/** Looks whether the target holds anything at all, before anything in it is made: a first copy waits for nothing. */
export function noteEmptyTarget(lane: LaneContext, dir: DirHandle, target: Directory): void {
  const { moves, orders, source, settings } = lane;
  if (moves === undefined || settings.renameRoots?.length !== 0) return;
  // A pass before this one may have emptied it.
  if (settings.options.delete.mode === "before") return;
  for (let i = 0; i < source.count; i++) if ((orders.target[i] as number) >= 0) return;
  if (target === lane.target ? target.count === 0 : isEmpty(lane, dir)) moves.memory.markEmpty();
}

/** Smaller files that differ are copied, if nothing but a size says that another has what they want. */
const copiedBytesMax = 256 * 1024;

function isEmpty({ fs }: LaneContext, dir: DirHandle): boolean {
  const listing = new Directory();
  try {
    fs.readNames(dir, listing);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
  hideState(listing, 0, true);
  return listing.count === 0;
}

/** What an entry takes besides, about: its order here, and at the other end its place in the listing. */
const listedBytes = 160;

function rowsThatWait(lane: LaneContext, moves: LaneMoves, target: Directory): Uint32Array {
  const { source, orders } = lane;
  const rows = new Uint32Array(source.count);
  let count = 0;
  let changes = 0;
  for (let i = 0; i < source.count; i++) {
    const kind = orders.kind[i] as number;
    if (kind !== order.add && kind !== order.replace && kind !== order.change) continue;
    if (!isRegular(source.mode[i] as number) || source.size[i] === 0) continue;
    rows[count++] = i;
    if (kind === order.change) changes++;
  }
  const found = rows.subarray(0, count);
  // With --content-index parts of whatever differs may be in any file.
  const isAnywhere = mustLookForContent(lane.settings.options) && lane.arrivals !== undefined;
  if (changes === 0 || isAnywhere) return found;
  const mayBeElsewhere = changeThatMay(lane, moves, target);
  return found.filter((i) => orders.kind[i] !== order.change || mayBeElsewhere(i));
}

/** Returns what says whether what the target has under a name may become what another file of it is. */
function changeThatMay(
  lane: LaneContext,
  { memory }: LaneMoves,
  target: Directory,
): (i: number) => boolean {
  const { source, orders } = lane;
  // Times that do not count cannot say which file is which.
  const { ignoreTimes, sizeOnly } = lane.settings.options.select;
  if (ignoreTimes || sizeOnly) return () => false;
  // Where only names were looked at that the source has, no more is known, nor will be without another walk.
  const isListed = target === lane.target || memory.seen.hasAny;
  // On one machine a small file is copied sooner than others are looked at.
  const bytesMin = lane.arrivals === undefined ? copiedBytesMax : 0;
  const here = new DirectoryLooks(target);
  return (i) => {
    const size = source.size[i] as number;
    const [mtime, nanos] = [source.mtime[i] as number, source.mtimeNanos[i] as number];
    if (here.has(size, mtime, nanos) || memory.seen.hasSeen(size, mtime, nanos)) return true;
    // A file of the size that it had is compared with that at once: it mostly has a new time and no more.
    return isListed && size >= bytesMin && size !== target.size[orders.target[i] as number];
  };
}

function freezeWaiting(
  source: Directory,
  target: Directory,
  orders: Orders,
  rows: Uint32Array,
): WaitingRows {
  const standing = rows.filter((i) => (orders.target[i] as number) >= 0);
  const frozen = orders.freezeRows(rows);
  let used = 0;
  for (let k = 0; k < rows.length; k++) {
    const t = orders.target[rows[k] as number] as number;
    frozen.orders.target[k] = t < 0 ? -1 : used++;
  }
  const shared = new Uint32Array(new SharedArrayBuffer(rows.length * 4));
  shared.set(rows);
  return {
    source: freezeRows(source, rows),
    target: freezeRows(
      target,
      standing.map((i) => orders.target[i] as number),
    ),
    orders: frozen.frozen,
    rows: shared,
  };
}
