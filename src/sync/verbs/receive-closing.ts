// The end of a directory: what goes is deleted, each entry only if it is what the changeset expects,
// and a directory only when it is empty by then.

import { type ByteString, baseName, joinPath, parentPath } from "../../base/index.ts";
import { type OrderedDirectory, orderKind, selfName } from "../../changeset/index.ts";
import { FsError, Stat } from "../../fs/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";
import { Directory, isDirectory, setGroupId } from "../../tree/index.ts";
import { closingDirectory } from "../apply/close-directories.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { deletedCounter } from "../lane/lane-deletions.ts";
import { readTargetLinks } from "../lane/target-details.ts";
import type { ClosingDirectory } from "../tasks/tasks.ts";
import { type Expectations, hasDigest, isAsExpected } from "./expected-state.ts";

const conflictReason = "the target is not what the changeset expects and was not deleted";

/** Deletes what the orders of a closing record say. */
export function receiveDeletions(
  lane: LaneContext,
  expectations: Expectations,
  place: TargetPlace,
  orders: OrderedDirectory,
): void {
  const { fs, settings } = lane;
  const seen = new Directory();
  for (let row = 0; row < orders.count; row++) {
    if (orders.kind[row] !== orderKind.del) continue;
    lane.checkCancelled();
    const name = orders.name(row);
    seen.clear();
    seen.add(name, 0);
    fs.statEntries(place.dir, seen, 0, 1);
    if (seen.mode[0] === 0) continue;
    readTargetLinks(fs, place.dir, seen);
    const isExpected =
      settings.options.own.onConflict === "overwrite" ||
      isAsExpected(expectations, orders.before, row, seen, 0, place.dir);
    const continues = orders.continues.get(row);
    if (isExpected && continues !== undefined && !hasArrived(expectations, lane, orders, row)) {
      const reason = `its content has not arrived at "${continues}"; it was not deleted`;
      lane.receive.problem(joinPath(place.path, name), "conflict", 0, reason);
    } else if (isExpected) deleteOne(lane, place, name, seen.mode[0] as number);
    else lane.receive.problem(joinPath(place.path, name), "conflict", 0, conflictReason);
  }
}

const own = new Stat();

/** Returns the final attributes of the directory that a closing record is about; undefined = none, or it goes. */
export function finalDirectory(
  { fs, settings }: LaneContext,
  place: TargetPlace | undefined,
  orders: OrderedDirectory,
): ClosingDirectory | undefined {
  const isSelf = orders.count > 0 && orders.kind[0] === orderKind.meta;
  if (!isSelf || orders.name(0) !== selfName || orders.after.columns.mode[0] === 0)
    return undefined;
  const closing = closingDirectory(settings.options, orders.after.columns, 0, orders.path);
  if (!closing.setMode || settings.options.preserve.mode || (place?.dir ?? -1) < 0) return closing;
  // What its own directory gave it, stays.
  fs.statDirectory((place as TargetPlace).dir, own);
  return { ...closing, mode: closing.mode | (own.mode & setGroupId) };
}

/** Says whether the content of what goes stands where it continues, as far as its digest is known. */
function hasArrived(
  { fs, digest }: Expectations,
  lane: LaneContext,
  orders: OrderedDirectory,
  row: number,
): boolean {
  const wanted = orders.before.digests.get(row);
  const path = orders.continues.get(row) ?? "";
  if (wanted === undefined || lane.settings.options.transfer.dryRun) return true;
  try {
    const dir = lane.openTargetDirectory(parentPath(path));
    try {
      return hasDigest(fs, dir, baseName(path), wanted, digest);
    } finally {
      lane.fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return false;
  }
}

function deleteOne(lane: LaneContext, place: TargetPlace, name: ByteString, mode: number): void {
  const { fs, receive, settings } = lane;
  const path = joinPath(place.path, name);
  if (!lane.deletions.takeDeletion()) return;
  if (!settings.options.transfer.dryRun) {
    try {
      if (isDirectory(mode)) fs.removeDirectory(place.dir, name);
      else {
        const kept = receive.backups?.keep(receive, place, name, true) ?? "left";
        if (kept === "failed") return;
        if (kept !== "moved") fs.unlink(place.dir, name);
      }
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      if (error.code === "ENOENT") return;
      if (error.code === "ENOTEMPTY" || error.code === "EEXIST") {
        receive.problem(
          path,
          "conflict",
          0,
          "the directory has entries that the changeset does not know",
        );
      } else receive.problem(path, error.operation, error.errno);
      return;
    }
  }
  lane.count(deletedCounter(mode));
  if (settings.items !== "none") lane.events.push({ type: "delete", path, mode });
}
