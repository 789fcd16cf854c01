// Orders for entries whose content is judged: which attributes differ, and so what there is to do.

import { type Orders, order } from "../../changeset/index.ts";
import {
  change,
  type Directory,
  differingAttributes,
  isSpecial,
  sameNanos,
  typeMask,
  typeRegular,
  typeSymlink,
} from "../../tree/index.ts";
import type { DiffOptions } from "./diff-options.ts";
import { tellAfterwards } from "./tell-afterwards.ts";

/** Orders for a file whose content is known to be equal. */
export function settleSame(
  options: DiffOptions,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
  orders: Orders,
): void {
  const rules = options.attributes;
  const time = rules.times ? "keep" : "leave";
  let bits = differingAttributes(rules, source, i, target, t, time);
  // Where contents were compared, times are made the same to the nanosecond, told or not.
  const [nanos, oldNanos] = [source.mtimeNanos[i] as number, target.mtimeNanos[t] as number];
  const isExact = sameNanos(rules, nanos, oldNanos) || !rules.times;
  if (options.checksum && !isExact) bits |= change.quietTimes;
  if (options.tellsAfterwards && bits !== 0)
    bits = tellAfterwards(bits, source, i, target, t, rules.mode);
  orders.changes[i] = bits;
  orders.kind[i] = bits === 0 ? order.none : order.meta;
}

/** Orders for a file whose content differs, or may. */
export function settleChanged(
  options: DiffOptions,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
  orders: Orders,
): void {
  const rules = options.attributes;
  let bits =
    change.transfer |
    differingAttributes(rules, source, i, target, t, rules.times ? "keep" : "now");
  if (options.checksum) bits |= change.content;
  if (source.size[i] !== target.size[t]) bits |= change.size;
  orders.changes[i] = bits;
  orders.kind[i] = order.change;
}

/** Symlinks, devices, FIFOs and sockets: small enough to be made anew when anything but attributes differs. */
export function decideNode(
  options: DiffOptions,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
  orders: Orders,
): void {
  const rules = options.attributes;
  if (t < 0) {
    orders.kind[i] = order.add;
    orders.changes[i] = change.created | change.local;
    return;
  }
  const isLink = ((source.mode[i] as number) & typeMask) === typeSymlink;
  const same = isLink
    ? source.linkTargets.get(i) === target.linkTargets.get(t)
    : sameNode(source, i, target, t);
  const time = (isLink ? rules.linkTimes : rules.times) ? "keep" : same ? "leave" : "now";
  let bits = differingAttributes(rules, source, i, target, t, time);
  if (same && !isLink && options.tellsAfterwards && bits !== 0)
    bits = tellAfterwards(bits, source, i, target, t, rules.mode);
  orders.changes[i] = same ? bits : bits | change.local | change.content;
  orders.kind[i] = same ? (bits === 0 ? order.none : order.meta) : order.change;
  if (isLink) orders.changes[i] = (orders.changes[i] as number) & ~change.mode;
  if (isLink && same && (orders.changes[i] as number) === 0) orders.kind[i] = order.none;
}

/** Orders for what is no directory and keeps its content, when attributes of the target's entry may be others by now. */
export function settleAgain(
  options: DiffOptions,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
  orders: Orders,
): void {
  const isFile = ((source.mode[i] as number) & typeMask) === typeRegular;
  if (isFile) settleSame(options, source, i, target, t, orders);
  else decideNode(options, source, i, target, t, orders);
}

function sameNode(source: Directory, i: number, target: Directory, t: number): boolean {
  const type = (source.mode[i] as number) & typeMask;
  if (type !== ((target.mode[t] as number) & typeMask)) return false;
  if (isSpecial(type)) return true;
  return source.rdevMajor[i] === target.rdevMajor[t] && source.rdevMinor[i] === target.rdevMinor[t];
}
