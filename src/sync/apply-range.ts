// Applies the orders of a range of entries of one directory and reports them, in listing order.

import { type ByteString, joinPath } from "../base/index.ts";
import { type Orders, order } from "../changeset/index.ts";
import {
  applyEntry,
  type ContentSource,
  doomedEntry,
  type NamedEntry,
  type Origin,
  type TargetPlace,
} from "../pipeline/index.ts";
import {
  change,
  type CounterName,
  type Directory,
  isSymlink,
  significantChanges,
  typeBlock,
  typeCharacter,
  typeDirectory,
  typeMask,
  typeRegular,
  typeSymlink,
} from "../tree/index.ts";
import { type LaneContext, sourceLabel } from "./lane-context.ts";

/** A range of a directory's entries with everything that applying them needs. */
export interface Range {
  readonly task: { readonly origins: readonly Origin[]; readonly named: readonly NamedEntry[] };
  readonly place: TargetPlace;
  readonly source: Directory;
  readonly target: Directory;
  readonly orders: Orders;
  readonly from: number;
  readonly to: number;
}

/** How applying a range went. */
export interface Applied {
  /** Something in the directory was made, replaced or removed. */
  readonly touched: boolean;
  /** Every order was carried out, or needed nothing. */
  readonly complete: boolean;
}

/** Applies the range. */
export function applyRange(lane: LaneContext, range: Range): Applied {
  const { source, orders } = range;
  const content = lane.contentSource(range.task.origins, range.task.named);
  let touched = false;
  let complete = true;
  try {
    for (let i = range.from; i < range.to; i++) {
      const kind = orders.kind[i] as number;
      if (kind === order.none) {
        lane.count("unchanged");
        if (lane.settings.items === "all") report(lane, range, i);
      } else if (kind !== order.skip && ((source.mode[i] as number) & typeMask) !== typeDirectory) {
        lane.checkCancelled();
        if (!applyOne(lane, range, i, content)) complete = false;
        else if (kind !== order.meta) touched = true;
      }
    }
  } finally {
    content.close();
  }
  return { touched, complete };
}

function applyOne(lane: LaneContext, range: Range, i: number, content: ContentSource): boolean {
  const { source, target, orders, place } = range;
  const { dryRun } = lane.settings.options.transfer;
  const name = source.name(i);
  if (!dryRun) {
    const label = (): ByteString =>
      sourceLabel(lane, range.task.origins, range.task.named, source.origin[i] as number, name);
    const entry = {
      listing: source,
      index: i,
      name,
      get label() {
        return label();
      },
    };
    if (orders.kind[i] === order.replace) {
      const t = orders.target[i] as number;
      const doomed = doomedEntry(lane.receive, target, t);
      if (!lane.deletions.makeWay(place, doomed, source.mode[i] as number)) return false;
      orders.target[i] = -1;
    }
    if (!applyEntry(lane.receive, place, entry, target, orders, content)) {
      lane.count("failed");
      return false;
    }
  }
  countApplied(lane, source, orders, i);
  if (
    lane.settings.items !== "none" &&
    ((orders.changes[i] as number) & significantChanges) !== 0
  ) {
    report(lane, range, i);
  }
  return true;
}

/** Counts an entry that became a hard link of another. */
export function countLinked(lane: LaneContext, source: Directory, orders: Orders, i: number): void {
  lane.count("linked");
  countApplied(lane, source, orders, i);
}

function countApplied(lane: LaneContext, source: Directory, orders: Orders, i: number): void {
  const changes = orders.changes[i] as number;
  const type = (source.mode[i] as number) & typeMask;
  if (changes & change.created) lane.count(createdCounter(type));
  else lane.count("changed");
  if (changes & change.transfer) {
    lane.count("transferredFiles");
    lane.count("doneFiles");
    lane.count("transferredSize", source.size[i] as number);
  }
}

function createdCounter(type: number): CounterName {
  if (type === typeRegular) return "createdRegular";
  if (type === typeDirectory) return "createdDirectories";
  if (type === typeSymlink) return "createdSymlinks";
  if (type === typeBlock || type === typeCharacter) return "createdDevices";
  return "createdSpecials";
}

/** Puts the line of entry `i` on the progress stream; `leader` is what it was hard-linked to. */
export function report(
  lane: LaneContext,
  range: Range,
  i: number,
  changes = range.orders.changes[i] as number,
  leader?: ByteString,
): void {
  const { source, place } = range;
  const named = range.task.named[(source.origin[i] as number) - range.task.origins.length];
  const event = itemEvent(source, i, changes, joinPath(place.path, named?.shown ?? source.name(i)));
  lane.events.push(leader === undefined ? event : { ...event, linkTarget: leader });
}

/** Returns the event that tells of one entry. */
export function itemEvent(
  source: Directory,
  i: number,
  changes: number,
  path: ByteString,
): import("../tree/index.ts").ItemEvent {
  const mode = source.mode[i] as number;
  const event = {
    type: "item",
    path,
    changes,
    mode,
    size: source.size[i] as number,
    mtime: source.mtime[i] as number,
    uid: source.uid[i] as number,
    gid: source.gid[i] as number,
    literal: changes & change.transfer ? (source.size[i] as number) : 0,
    matched: 0,
  } as const;
  return isSymlink(mode) ? { ...event, linkTarget: source.linkTargets.get(i) ?? "" } : event;
}
