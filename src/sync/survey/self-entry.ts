// The entry ".": when the contents of a directory are transferred (SRC/), the attributes of that
// directory travel to the target's root.

import { Orders, order } from "../../changeset/index.ts";
import { applyEntry, diffDirectory } from "../../pipeline/index.ts";
import {
  change,
  Directory,
  permissionMask,
  significantChanges,
  typeDirectory,
  typeMask,
} from "../../tree/index.ts";
import { closingDirectory } from "../apply/close-directories.ts";
import { itemEvent } from "../apply/item-event.ts";
import { openToOwner } from "../apply/narrow-directories.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { sourceLabel } from "../lane/origin-content.ts";
import { readTargetXattrs } from "../lane/target-details.ts";
import { diffOptionsIn } from "../plan/new-modes.ts";
import type { SelfResult, SurveyTask } from "../tasks/tasks.ts";

/** Gives the target's root the attributes of the source's (row 0), times excepted, and returns its final ones. */
export function applySelf(
  lane: LaneContext,
  source: Directory,
  { self, targetExists }: Pick<SurveyTask, "self" | "targetExists">,
): SelfResult | undefined {
  const named = self === undefined ? [] : [self];
  if (((source.mode[0] as number) & typeMask) !== typeDirectory) return undefined;
  lane.count("directories");
  const target = new Directory();
  const orders = new Orders();
  orders.reset(1);
  orders.target[0] = -1;
  if (targetExists) {
    target.add(".", 0);
    lane.fs.statEntries(lane.targetRoot, target, 0, 1, true);
    const errno = target.problem[0] as number;
    if (errno !== 0) {
      lane.receive.problem("", "statx", errno);
      return undefined;
    }
    if (lane.targetXattrs !== undefined) {
      readTargetXattrs(lane.fs, lane.targetRoot, target, lane.targetXattrs);
    }
    orders.target[0] = 0;
  }
  const diff = diffOptionsIn(lane.diff, lane.machine, targetExists ? lane.targetRoot : undefined);
  const { mode } = diff.attributes;
  const newMode = (source.mode[0] as number) & (~permissionMask | diff.newModeMask);
  diffDirectory(diff, "", source, target, orders, () => undefined);
  if (lane.madeRoot !== 0 && targetExists && !mode) {
    source.mode[0] = newMode;
    lane.fs.setDirectoryMode(lane.targetRoot, newMode & permissionMask);
  }
  const apply = orders.kind[0] === order.meta && !lane.settings.options.transfer.dryRun;
  if (apply) {
    const place = { dir: lane.targetRoot, path: "" };
    const entry = { listing: source, index: 0, name: "." };
    applyEntry(lane.receive, place, entry, target, orders, lane.contentSource([], named));
  }
  if (targetExists) {
    openToOwner(lane, { dir: lane.targetRoot, path: "" }, "", source.mode[0] as number);
  }
  if (lane.madeRoot !== 0) {
    orders.changes[0] = lane.madeRoot;
    lane.basis?.resolveRoot(source, target, orders);
    if ((orders.changes[0] as number) & change.created) lane.count("createdDirectories");
  }
  const changes = orders.changes[0] as number;
  const { items } = lane.settings;
  if (items === "all" || (items === "changed" && (changes & significantChanges) !== 0)) {
    const event = itemEvent(source, 0, changes, self?.shown ?? ".");
    const sourcePath = lane.wishes.sourcePath && sourceLabel(lane, [], named, 0, "");
    lane.events.push(sourcePath === false ? event : { ...event, sourcePath });
  }
  // A root that was made like one of a basis directory is new all the same.
  const news = changes | (lane.madeRoot & change.created);
  const closing = closingDirectory(lane.settings.options, source, 0, "");
  return { closing, mustClose: (news & (change.created | change.mtime | change.atime)) !== 0 };
}
