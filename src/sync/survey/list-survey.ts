// The survey of one directory when there is no target (--list-only, a single SRC): everything that
// is scanned is told, nothing is compared or written.

import { joinPath } from "../../base/index.ts";
import { Orders, order } from "../../changeset/index.ts";
import { type NamedGroup, scanDirectory } from "../../pipeline/index.ts";
import { Directory, type ItemEvent } from "../../tree/index.ts";
import { itemEvent } from "../apply/item-event.ts";
import type { LaneCore } from "../lane/lane-core.ts";
import { keepsImplied } from "../lane/target-follow.ts";
import type { SurveyResult, SurveyTask } from "../tasks/tasks.ts";
import { countEntries } from "./count-entries.ts";
import { pruneSource } from "./prune-source.ts";

/** Runs a survey task of a listing. */
export function listSurvey(lane: LaneCore, task: SurveyTask): SurveyResult {
  if (task.self !== undefined) listSelf(lane, task.self);
  const { source } = lane;
  const { filters } = lane;
  const hides = filters && ((root: number) => filters.hides(root, task.path));
  scanDirectory({ ...lane.scan, hides, absent: absentNames(lane) }, task, source);
  pruneSource(lane, task);
  lane.shapeSource?.(source);
  countEntries(lane, source);
  let first = 0;
  for (; first < source.count && !source.isDirectory(first); first++) {
    lane.events.push(listEvent(source, first, joinPath(task.path, source.name(first))));
  }
  const count = source.count - first;
  const orders = new Orders();
  orders.reset(count);
  orders.kind.fill(order.none);
  return {
    kind: "survey",
    node: task.node,
    early: [],
    events: lane.takeEvents(),
    subdirs:
      count === 0
        ? undefined
        : {
            listing: source.freezeFrom(first),
            orders: orders.freeze(),
            made: new Uint8Array(count).fill(1),
            apart: undefined,
          },
    rest: undefined,
    extras: undefined,
    delayed: [],
    device: undefined,
    touched: false,
    self: undefined,
    entries: source.count,
  };
}

function absentNames(lane: LaneCore): (() => boolean) | undefined {
  return lane.settings.options.walk.missingArgs === "error" ? undefined : () => true;
}

function listSelf(lane: LaneCore, self: NamedGroup): void {
  if (self.implied && keepsImplied(lane.settings.options)) return;
  const source = new Directory();
  scanDirectory(
    { ...lane.scan, hides: undefined },
    { path: "", origins: [], named: [self] },
    source,
  );
  if (source.count === 0) return;
  lane.shapeSource?.(source);
  countEntries(lane, source);
  lane.events.push(listEvent(source, 0, "."));
}

function listEvent(source: Directory, i: number, path: string): ItemEvent {
  const times = { atime: source.atime[i] as number, crtime: source.crtime[i] as number };
  return { ...itemEvent(source, i, 0, path), ...times };
}
