// What this machine's file door cannot keep although the user asked for it: refused before anything
// is changed, or told once in a run. Never silence, and never the same trouble again in every run.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { order } from "../../changeset/index.ts";
import { type FileSystem, whyPortable } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { isDevice, isSpecial, type ProgressEvent } from "../../tree/index.ts";
import { control } from "../plan/lane-settings.ts";
import { wantedNodes } from "../plan/stage-options.ts";
import type { LaneCore } from "./lane-core.ts";

/**
 * Throws (exit 4) for attributes that the door cannot read or set, as an rsync refuses that was built without them. Returns
 * what is to be told where the user asks for more exactness than it has.
 */
export function doorLimits(fs: FileSystem, options: Options): readonly ProgressEvent[] {
  if (!fs.abilities.xattrs) refuseXattrs(fs, options);
  const { timeStep } = fs.abilities;
  if (options.select.modifyWindow >= 0 || timeStep === 1) return [];
  const message = `Times are kept and compared in steps of ${timeStep} ns: ${reason(fs)}`;
  const about = { type: "problem", path: "", role: "target", operation: "note" } as const;
  return [{ ...about, errno: 0, message, exit: 0 }];
}

function refuseXattrs(fs: FileSystem, options: Options): void {
  const { acls, xattrs, fakeSuper, atTarget } = options.preserve;
  const asked = [
    ...(acls ? ["access control lists (-A)"] : []),
    ...(xattrs > 0 ? ["extended attributes (-X)"] : []),
    ...(fakeSuper || atTarget.fakeSuper ? ["privileged attributes (--fake-super)"] : []),
  ];
  if (asked.length === 0) return;
  throw new ManifoldError("unsupported", `Cannot keep ${asked.join(" and ")}: ${reason(fs)}`);
}

/**
 * Tells, once in a run, that pipes, sockets or devices of this listing are left out because the target's door cannot
 * make any. Diff has told their names.
 */
export function tellLeftOutNodes(lane: LaneCore): void {
  if (lane.fs.abilities.specials) return;
  const { source, orders } = lane;
  const { existing } = lane.settings.options.select;
  for (let i = 0; i < source.count; i++) {
    if (orders.kind[i] !== order.skip || (existing && (orders.target[i] as number) < 0)) continue;
    if (tellLeftOutNode(lane, source.mode[i] as number)) return;
  }
}

/** Tells it, once in a run, if an entry of this mode is left out for that reason; says whether it is. */
function tellLeftOutNode(lane: LaneCore, mode: number): boolean {
  if (lane.fs.abilities.specials) return false;
  const wanted = wantedNodes(lane.settings);
  const isLeftOut = isSpecial(mode) ? wanted.specials : isDevice(mode) && wanted.devices;
  if (isLeftOut) tellOnce(lane);
  return isLeftOut;
}

/** Tells that the entry at this path of the transfer is left out because of its type, and why if the door is the reason. */
export function tellSkippedNode(lane: LaneCore, path: ByteString, mode: number): void {
  lane.note("nonreg", 1, `skipping non-regular file "${path}"`);
  tellLeftOutNode(lane, mode);
}

function tellOnce(lane: LaneCore): void {
  const words = new Int32Array(lane.settings.control);
  if (Atomics.exchange(words, control.nodesTold, 1) !== 0) return;
  const message = `Pipes, sockets and devices are left out: ${reason(lane.fs)}`;
  lane.problem("target", "", "note", 0, message);
}

function reason(fs: FileSystem): string {
  if (fs.kind !== "portable") return "the file system cannot do that";
  return `Node's own file functions can do no better, and ${whyPortable()}`;
}
