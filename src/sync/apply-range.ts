// Applies the orders of a range of entries of one directory and reports them, in listing order.

import { type ByteString, joinPath } from "../base/index.ts";
import { type Orders, order } from "../changeset/index.ts";
import {
  applyEntry,
  type ContentSource,
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

/** Applies the range; true when anything in the directory was made, replaced or removed. */
export function applyRange(lane: LaneContext, range: Range): boolean {
  const { source, orders } = range;
  const content = lane.contentSource(range.task.origins, range.task.named);
  let touched = false;
  try {
    for (let i = range.from; i < range.to; i++) {
      const kind = orders.kind[i] as number;
      if (kind === order.none) {
        lane.count("unchanged");
        if (lane.settings.items === "all") report(lane, range, i);
      } else if (kind !== order.skip && ((source.mode[i] as number) & typeMask) !== typeDirectory) {
        lane.checkCancelled();
        if (applyOne(lane, range, i, content) && kind !== order.meta) touched = true;
      }
    }
  } finally {
    content.close();
  }
  return touched;
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
      if (!lane.makeWay(place, name, target.mode[t] as number)) return false;
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

function report(lane: LaneContext, range: Range, i: number): void {
  const { source, orders, place } = range;
  const named = range.task.named[(source.origin[i] as number) - range.task.origins.length];
  lane.events.push(
    itemEvent(
      source,
      i,
      orders.changes[i] as number,
      joinPath(place.path, named?.shown ?? source.name(i)),
    ),
  );
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
