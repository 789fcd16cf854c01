// Compares the listings of one directory on both sides and decides about every entry. Pure: it
// reads and writes arrays, opens nothing, and remembers nothing from one directory to the next.

import { type ByteString, joinPath } from "../../base/index.ts";
import { type Orders, order } from "../../changeset/index.ts";
import {
  type AttributeRules,
  change,
  type Directory,
  differingAttributes,
  isDevice,
  isSpecial,
  isUnsafeSymlink,
  permissionMask,
  sameMtime,
  sameTime,
  typeDirectory,
  typeMask,
  typeRegular,
  typeSymlink,
} from "../../tree/index.ts";
import type { DiffNote, DiffOptions } from "./diff-options.ts";
import { decideNode, settleChanged, settleSame } from "./settle.ts";

/**
 * Writes an order for every source entry. `orders.target` must already hold the matches
 * (tree's matchEntries). Rewrites `source.mode` to the mode that the target entry shall have.
 */
export function diffDirectory(
  options: DiffOptions,
  path: ByteString,
  source: Directory,
  target: Directory,
  orders: Orders,
  note: DiffNote,
): void {
  for (let i = 0; i < source.count; i++) {
    const t = orders.target[i] as number;
    const type = (source.mode[i] as number) & typeMask;
    const kind =
      type === typeRegular && t >= 0 && !options.checksum
        ? quickCheck(options, source, i, target, t, orders)
        : -1;
    if (kind >= 0) orders.kind[i] = kind;
    else decide(options, path, source, i, target, t, orders, note);
  }
}

/** The common case without detours: a regular file on both sides that agrees in everything. */
function quickCheck(
  options: DiffOptions,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
  orders: Orders,
): number {
  const rules = options.attributes;
  const size = source.size[i] as number;
  if (
    size !== target.size[t] ||
    source.mode[i] !== target.mode[t] ||
    source.mtime[i] !== target.mtime[t] ||
    source.mtimeNanos[i] !== target.mtimeNanos[t] ||
    source.uid[i] !== target.uid[t] ||
    source.gid[i] !== target.gid[t] ||
    size > options.maxSize ||
    size < options.minSize ||
    options.ignoreTimes ||
    options.ignoreExisting ||
    rules.atimes ||
    rules.crtimes ||
    rules.acls ||
    rules.xattrs
  ) {
    return -1;
  }
  orders.changes[i] = 0;
  return order.none;
}

/** Decides about one entry (hot loop: plain parameters). */
function decide(
  options: DiffOptions,
  path: ByteString,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
  orders: Orders,
  note: DiffNote,
): void {
  const type = (source.mode[i] as number) & typeMask;
  orders.changes[i] = 0;
  orders.kind[i] = order.skip;
  const name = (): ByteString => joinPath(path, source.name(i));
  const targetType = t < 0 ? 0 : (target.mode[t] as number) & typeMask;
  const sameType = t >= 0 && matchesType(options, type, targetType);
  // A device or special file also takes over the permissions of what makes way for it, as in rsync.
  const inherits =
    sameType || ((isDevice(type) || isSpecial(type)) && targetType !== typeDirectory);
  setWantedMode(options, source, i, target, inherits ? t : -1);
  const reason = whyLeftAlone(options, source, i, t, type === typeDirectory && sameType, name);
  if (reason !== undefined) {
    note(reason.topic, 1, reason.text);
    return;
  }
  if (type === typeDirectory)
    decideDirectory(options, source, i, target, sameType ? t : -1, orders);
  else if (type === typeRegular || (options.deviceContent && type !== typeSymlink)) {
    decideFile(options, source, i, target, sameType ? t : -1, orders, note, name);
  } else decideNode(options, source, i, target, sameType ? t : -1, orders);
  if (t >= 0 && !sameType && orders.kind[i] === order.add) orders.kind[i] = order.replace;
}

/** Why the user wants nothing done about an entry, whatever its attributes; undefined = that is not so. */
function whyLeftAlone(
  options: DiffOptions,
  source: Directory,
  i: number,
  t: number,
  sameDirectory: boolean,
  name: () => ByteString,
): { readonly topic: string; readonly text: ByteString } | undefined {
  const type = (source.mode[i] as number) & typeMask;
  if (t < 0 && options.existing) {
    const what = type === typeDirectory ? "directory" : "file";
    return { topic: "skip", text: `not creating new ${what} "${name()}"` };
  }
  if (options.ignoreExisting && t >= 0 && !sameDirectory) {
    return { topic: "skip", text: `${name()} exists` };
  }
  if (!typeIsWanted(options, type)) {
    return { topic: "nonreg", text: `skipping non-regular file "${name()}"` };
  }
  if (type === typeSymlink && options.safeLinks) {
    const link = source.linkTargets.get(i) ?? "";
    if (isUnsafeSymlink(link, name())) {
      return { topic: "symsafe", text: `ignoring unsafe symlink "${name()}" -> "${link}"` };
    }
  }
  return undefined;
}

function typeIsWanted(options: DiffOptions, type: number): boolean {
  if (type === typeRegular || type === typeDirectory) return true;
  if (type === typeSymlink) return options.links;
  if (isSpecial(type)) return options.specials;
  return options.devices || options.deviceContent;
}

function matchesType(options: DiffOptions, type: number, targetType: number): boolean {
  return (
    type === targetType ||
    (isSpecial(type) && isSpecial(targetType)) ||
    (isDevice(type) && isDevice(targetType)) ||
    (options.deviceContent && type === typeRegular && isDevice(targetType))
  );
}

/** Makes source.mode[i] what the target entry's mode shall be (rsync(1): --perms, --executability). */
function setWantedMode(
  options: DiffOptions,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
): void {
  const rules = options.attributes;
  if (rules.mode) return;
  const mode = source.mode[i] as number;
  if (t < 0) {
    source.mode[i] = mode & (~permissionMask | options.newModeMask);
    return;
  }
  let kept = (target.mode[t] as number) & permissionMask;
  if (rules.executability && (mode & typeMask) === typeRegular) {
    if ((mode & 0o111) === 0) kept &= ~0o111;
    else if ((kept & 0o111) === 0) kept |= (kept & 0o444) >> 2;
  }
  source.mode[i] = (mode & typeMask) | kept;
}

function decideDirectory(
  options: DiffOptions,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
  orders: Orders,
): void {
  if (t < 0) {
    orders.kind[i] = order.add;
    orders.changes[i] = change.created | change.local;
    return;
  }
  const rules = options.attributes;
  const time = rules.dirTimes ? "keep" : "leave";
  const bits = differingAttributes(rules, source, i, target, t, time);
  orders.changes[i] = bits;
  orders.kind[i] = bits === 0 ? order.none : order.meta;
}

/** Decides about one entry (hot loop: plain parameters). */
function decideFile(
  options: DiffOptions,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
  orders: Orders,
  note: DiffNote,
  name: () => ByteString,
): void {
  const size = source.size[i] as number;
  if (size > options.maxSize || size < options.minSize) {
    note("skip", 1, `${name()} is ${size > options.maxSize ? "over max-size" : "under min-size"}`);
    return;
  }
  const rules = options.attributes;
  if (t < 0) {
    orders.kind[i] = order.add;
    orders.changes[i] = change.created | change.transfer | (options.checksum ? change.content : 0);
    return;
  }
  if (options.update && isNewer(rules, target, t, source, i)) {
    note("skip", 1, `${name()} is newer`);
    // Another name of the same file (-H) can still take its place.
    orders.changes[i] = change.upToDate;
    return;
  }
  const sameSize = size === target.size[t];
  if (options.checksum && sameSize) {
    orders.kind[i] = order.compare;
    return;
  }
  const same =
    sameSize &&
    (options.sizeOnly || (!options.ignoreTimes && sameMtime(rules, source, i, target, t)));
  if (same) settleSame(options, source, i, target, t, orders);
  else if (options.append && (target.size[t] as number) >= size)
    orders.changes[i] = change.upToDate;
  else settleChanged(options, source, i, target, t, orders);
}

function isNewer(
  rules: AttributeRules,
  target: Directory,
  t: number,
  source: Directory,
  i: number,
): boolean {
  const [a, aNanos] = [target.mtime[t] as number, target.mtimeNanos[t] as number];
  const [b, bNanos] = [source.mtime[i] as number, source.mtimeNanos[i] as number];
  if (sameTime(rules, a, aNanos, b, bNanos)) return false;
  return a > b || (a === b && aNanos > bNanos);
}
