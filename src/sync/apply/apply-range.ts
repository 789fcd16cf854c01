// Applies the orders of a range of entries of one directory and reports them, in listing order.

import type { ByteString } from "../../base/index.ts";
import { type Orders, order } from "../../changeset/index.ts";
import { pickMark } from "../../fs/index.ts";
import { applyEntry, type ContentSource, type SourceEntry } from "../../pipeline/index.ts";
import {
  type CounterName,
  change,
  type Directory,
  typeBlock,
  typeCharacter,
  typeDirectory,
  typeMask,
  typeRegular,
  typeSymlink,
} from "../../tree/index.ts";
import { FarContent } from "../lane/far-content.ts";
import { PartsChanged } from "../lane/held-bytes.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { type OriginContent, sourceLabel } from "../lane/origin-content.ts";
import { countDone, isPlanned } from "../lane/planned-work.ts";
import type { WishedAgain } from "../tasks/far-tasks.ts";
import type { Range } from "../tasks/range.ts";
import { writeInOneGo } from "./arrived-files.ts";
import { copyInOneGo } from "./copied-files.ts";
import { keepEqualContent, keepSameContent } from "./keep-content.ts";
import { lookAgain, noteLinkedTarget } from "./linked-targets.ts";
import { makeRoom, wouldMakeRoom } from "./make-room.ts";
import { beginEntry, endEntry, report } from "./report-item.ts";
import { settlePartial, settleSource, settleUnchanged } from "./settle-entry.ts";
import { foundBases, takeFound } from "./take-found.ts";
import { wishedAgain } from "./wished-again.ts";

/** How applying a range went. */
export interface Applied {
  /** Something in the directory was made, replaced or removed. */
  readonly touched: boolean;
  /** Every order was carried out, or needed nothing. */
  readonly complete: boolean;
  /** Nothing was done: some of the range has to be wished for once more. */
  readonly again?: WishedAgain;
}

/** Applies the range. */
export function applyRange(lane: LaneContext, range: Range): Applied {
  const content = lane.entryContent(range.task, range.place, foundBases(lane, range));
  try {
    const again = content instanceof FarContent ? wishedAgain(lane, range, content) : undefined;
    if (again !== undefined) return { touched: false, complete: false, again };
    return applyEach(lane, range, content);
  } finally {
    content.close();
  }
}

function applyEach(lane: LaneContext, range: Range, content: OriginContent | FarContent): Applied {
  const { source, orders } = range;
  const { settled, isWritten } = settleTogether(lane, range, content);
  let touched = isWritten;
  let complete = true;
  for (let i = range.from; i < range.to; i++) {
    if (range.task.rows !== undefined) lane.events.push({ type: "row", row: i });
    if (lane.hasLinkedTarget) lookAgain(lane, range, i);
    const kind = orders.kind[i] as number;
    if (settled !== undefined && isSettled(settled[i] as number)) {
      tellSettled(lane, range, i);
    } else if (kind === order.late) {
      lane.events.push({ type: "row", row: i });
    } else if (kind === order.none) {
      leaveOne(lane, range, i);
    } else if (kind !== order.skip && ((source.mode[i] as number) & typeMask) !== typeDirectory) {
      lane.checkCancelled();
      const applied = applyOrPutOff(lane, range, i, content);
      complete &&= applied !== "failed";
      touched ||= applied === "done" && kind !== order.meta;
    }
  }
  return { touched, complete };
}

/** Settles those entries that can be dealt with together; returns marks by entry, undefined = none, and whether anything was made. */
function settleTogether(
  lane: LaneContext,
  range: Range,
  content: OriginContent | FarContent,
): { readonly settled: Uint8Array | undefined; readonly isWritten: boolean } {
  if (content instanceof FarContent) {
    const kept = keepSameContent(lane, range, content);
    const written = writeInOneGo(lane, range, content);
    return { settled: bothOf(written, kept, range), isWritten: written !== undefined };
  }
  if (!range.place.isApart) {
    return { settled: keepEqualContent(lane, range, content), isWritten: false };
  }
  const copied = copyInOneGo(lane, range, content);
  return { settled: copied, isWritten: copied !== undefined };
}

/** An entry is marked by one of them at most. */
function bothOf(
  one: Uint8Array | undefined,
  other: Uint8Array | undefined,
  { from, to }: Range,
): Uint8Array | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  for (let i = from; i < to; i++) if (isSettled(other[i] as number)) one[i] = other[i] as number;
  return one;
}

/** An entry that needs nothing. */
function leaveOne(lane: LaneContext, range: Range, i: number): void {
  lane.count("unchanged");
  if (lane.settles.unchanged) settleUnchanged(lane, range, i);
  if (lane.settings.items === "all") report(lane, range, i);
}

/** It was dealt with together with others, and counted. */
function isSettled(mark: number): boolean {
  return mark === pickMark.done || mark === pickMark.doneWithTime;
}

function tellSettled(lane: LaneContext, range: Range, i: number): void {
  if (lane.settings.items === "none") return;
  const size = range.source.size[i] as number;
  const isCopied = range.orders.kind[i] === order.add;
  lane.transferred.literal = isCopied ? size : 0;
  lane.transferred.matched = isCopied ? 0 : size;
  report(lane, range, i);
}

/** "put off" = files that parts of it were to come from have changed: it is wished for once more, without them. */
function applyOrPutOff(
  lane: LaneContext,
  range: Range,
  i: number,
  content: ContentSource,
): "done" | "failed" | "put off" {
  const told = lane.events.length;
  try {
    return applyOne(lane, range, i, content) ? "done" : "failed";
  } catch (error) {
    if (!(error instanceof PartsChanged)) throw error;
    lane.news.end(false);
    lane.events.length = Math.min(told, lane.events.length);
    lane.putOff.push(i);
    return "put off";
  }
}

function applyOne(lane: LaneContext, range: Range, i: number, content: ContentSource): boolean {
  const { source, orders } = range;
  const basis = findBasis(lane, range, i);
  range.madeOf = undefined;
  lane.transferred.literal = 0;
  lane.transferred.matched = 0;
  lane.transferred.paced = range.pieces?.file.isShared === false ? range.pieces.length : 0;
  const planned = isPlanned(source, orders, i);
  beginEntry(lane, range, i);
  noteLinkedTarget(lane, range, i);
  const done = carryOut(lane, range, i, content, basis);
  if (planned) countDone(lane, source.size[i] as number, lane.transferred.paced);
  if (!done) {
    lane.count("failed");
    lane.news.end(false);
    return false;
  }
  countApplied(lane, source, orders, i);
  if (lane.settles.sources) settleSource(lane, range, i);
  if (lane.settles.unchanged && orders.kind[i] === order.meta) settlePartial(lane, range, i);
  endEntry(lane, range, i);
  if (lane.transferredAgain) countAgain(lane, range, i);
  return true;
}

/** A file that had to be transferred twice (--append-verify) is counted and told twice. */
function countAgain(lane: LaneContext, range: Range, i: number): void {
  lane.transferredAgain = false;
  lane.count("transferredFiles");
  lane.count("transferredSize", range.source.size[i] as number);
  const { times } = lane.diff.attributes;
  if (lane.settings.items !== "none") {
    report(lane, range, i, change.transfer | (times ? change.mtime : change.mtimeNow));
  }
}

/** A file that the new one is to be built from, for orders that have one other than what stands under the name. */
function findBasis(lane: LaneContext, range: Range, i: number): SourceEntry["basis"] {
  if (lane.basis === undefined && lane.fuzzy === undefined) return undefined;
  const { source, orders, place } = range;
  const kind = orders.kind[i];
  if (kind !== order.add && kind !== order.replace) return undefined;
  const known = lane.basis === undefined ? 0 : (orders.basis[i] as number);
  if (known === 0) return lane.fuzzy?.isOfUse ? lane.fuzzy.find(range, i) : undefined;
  const dir = lane.basis?.open(place.path)[known - 1];
  return dir === undefined ? undefined : { dir, name: source.name(i) };
}

function carryOut(
  lane: LaneContext,
  range: Range,
  i: number,
  content: ContentSource,
  basis: SourceEntry["basis"],
): boolean {
  const { source, target, orders, place } = range;
  const isDry = lane.settings.options.transfer.dryRun;
  const name = source.name(i);
  const label = (): ByteString =>
    sourceLabel(lane, range.task.origins, range.task.named, source.origin[i] as number, name);
  const entry = {
    listing: source,
    index: i,
    name,
    get label() {
      return label();
    },
    ...(basis && { basis }),
    ...(range.pieces && { pieces: range.pieces }),
  };
  if (!(isDry ? wouldMakeRoom(lane, range, i) : makeRoom(lane, range, i))) return false;
  const taken = range.task.bases === undefined ? "none" : takeFound(lane, range, entry, content);
  if (taken !== "none" || isDry) return taken !== "failed";
  if (lane.basis !== undefined && (orders.kind[i] as number) >= order.linkBasis) {
    const outcome = lane.basis.carryOut({ place, entry, target, orders });
    if (outcome !== "transfer") return outcome === "done";
  }
  return applyEntry(lane.receive, place, entry, target, orders, content);
}

/** Counts an entry that became a hard link of another. */
export function countLinked(lane: LaneContext, source: Directory, orders: Orders, i: number): void {
  lane.count("linked");
  countApplied(lane, source, orders, i);
}

function countApplied(lane: LaneContext, source: Directory, orders: Orders, i: number): void {
  const changes = orders.changes[i] as number;
  countEntry(lane, source.mode[i] as number, source.size[i] as number, changes);
}

/** Counts an entry of this mode and size that was made or changed. */
export function countEntry(
  lane: Pick<LaneContext, "count">,
  mode: number,
  size: number,
  changes: number,
): void {
  if (changes & change.found) lane.count(changes & change.moved ? "moved" : "copied");
  else if (changes & change.created) lane.count(createdCounter(mode & typeMask));
  else lane.count("changed");
  if (changes & change.transfer) {
    lane.count("transferredFiles");
    lane.count("transferredSize", size);
  }
}

function createdCounter(type: number): CounterName {
  if (type === typeRegular) return "createdRegular";
  if (type === typeDirectory) return "createdDirectories";
  if (type === typeSymlink) return "createdSymlinks";
  if (type === typeBlock || type === typeCharacter) return "createdDevices";
  return "createdSpecials";
}
