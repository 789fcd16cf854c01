// Several names of one file on the target, where the source's are files of their own (or -H is not
// asked for): giving one name its attributes gives them to all, so the others are looked at again
// when their turn comes. A run that changes no such file pays nothing.

import { order } from "../../changeset/index.ts";
import { settleAgain } from "../../pipeline/index.ts";
import type { LaneCore } from "../lane/lane-core.ts";
import { isHardLinked } from "../tasks/link-groups.ts";
import type { Range } from "../tasks/range.ts";

/** Remembers, for all lanes, that attributes were set on a file of the target that has several names. */
export function noteLinkedTarget(lane: LaneCore, { target, orders }: Range, i: number): void {
  const t = orders.target[i] as number;
  if (orders.kind[i] === order.meta && t >= 0 && isHardLinked(target, t)) lane.markLinkedTarget();
}

/** Decides again about entry `i`, whose content is as wanted, if its attributes on the target may be others by now. */
export function lookAgain(lane: LaneCore, range: Range, i: number): void {
  const { source, target, orders, place } = range;
  const kind = orders.kind[i];
  const t = orders.target[i] as number;
  if (kind !== order.none && kind !== order.meta) return;
  if (t < 0 || !isHardLinked(target, t)) return;
  const [ctime, nanos] = [target.ctime[t], target.ctimeNanos[t]];
  lane.fs.statEntries(place.dir, target, t, t + 1);
  if (target.problem[t] !== 0 || target.mode[t] === 0) return;
  if (target.ctime[t] === ctime && target.ctimeNanos[t] === nanos) return;
  settleAgain(lane.diff, source, i, target, t, orders);
}
