// Looks for entries in the basis directories (--compare-dest, --copy-dest, --link-dest) and turns
// orders accordingly, before any data is moved. As in rsync there are three degrees of likeness: an
// entry of the same kind, one with the same content, one that is equal in everything; the first
// directory with the highest degree wins.

import type { ByteString } from "../../base/index.ts";
import { type Orders, order } from "../../changeset/index.ts";
import type { DirHandle, FileSystem } from "../../fs/index.ts";
import {
  type AttributeRules,
  change,
  Directory,
  differingAttributes,
  isDevice,
  isDirectory,
  isRegular,
  isSpecial,
  isSymlink,
  permissionMask,
  sameMtime,
  type Xattr,
} from "../../tree/index.ts";

/** Degrees of likeness. */
const likeness = { none: 0, kind: 1, content: 2, all: 3 } as const;

/** When an entry of a basis directory counts as like an entry of the source. */
export interface BasisRules {
  readonly kind: "compare" | "copy" | "link";
  readonly attributes: AttributeRules;
  readonly sizeOnly: boolean;
  readonly ignoreTimes: boolean;
  /** Transfers are marked as checked by content. */
  readonly checksum: boolean;
}

/** One transfer directory with its likenesses below the basis directories. */
export interface BasisSearch {
  readonly fs: FileSystem;
  readonly rules: BasisRules;
  readonly source: Directory;
  readonly target: Directory;
  readonly orders: Orders;
  /** One for each basis directory; undefined = it has no such directory. */
  readonly dirs: readonly (DirHandle | undefined)[];
  /** Extended attributes that count; undefined = none. */
  readonly xattrsOf: ((dir: DirHandle, name: ByteString) => readonly Xattr[]) | undefined;
  /** Compares contents (--checksum); undefined = size and time tell. */
  readonly hasContentOf: ((index: number, dir: DirHandle) => boolean) | undefined;
}

const basisLink = change.local | change.hardLink | change.basis;

/** One row for each basis directory. */
const found = new Directory();

/** Turns the orders of all entries. */
export function resolveBasis(search: BasisSearch): void {
  const { source, orders } = search;
  orders.basis.fill(0, 0, source.count);
  for (let i = 0; i < source.count; i++) resolveEntry(search, i);
}

/** Turns the order of one entry. */
export function resolveEntry(search: BasisSearch, i: number): void {
  const { source, orders, rules } = search;
  const kind = orders.kind[i];
  if (kind === order.skip) return;
  const mode = source.mode[i] as number;
  const isFile = isRegular(mode);
  if (kind === order.add || (kind === order.replace && (isFile || isDirectory(mode)))) {
    const best = bestLikeness(search, i);
    if (best.degree === likeness.none) return;
    if (isFile) resolveFile(search, i, best);
    else resolveNode(search, i, best);
  } else if (isFile && kind !== order.replace && rules.kind !== "copy") {
    const best = bestLikeness(search, i);
    if (best.degree === likeness.all) resolveStanding(search, i, best.row);
  }
}

interface Likeness {
  readonly degree: number;
  /** Index of the basis directory and row in `found`. */
  readonly row: number;
}

function bestLikeness(search: BasisSearch, i: number): Likeness {
  const { fs, source, dirs } = search;
  const name = source.name(i);
  found.clear();
  let best: Likeness = { degree: likeness.none, row: -1 };
  for (let row = 0; row < dirs.length; row++) {
    found.add(name, 0);
    const dir = dirs[row];
    if (dir === undefined) continue;
    fs.statEntries(dir, found, row, row + 1);
    const degree = found.mode[row] === 0 ? likeness.none : degreeOf(search, i, dir, row, name);
    if (degree > best.degree) best = { degree, row };
    if (degree === likeness.all) break;
  }
  return best;
}

function degreeOf(
  search: BasisSearch,
  i: number,
  dir: DirHandle,
  row: number,
  name: ByteString,
): number {
  const { source, rules, xattrsOf } = search;
  if (!isSameKind(source.mode[i] as number, found.mode[row] as number)) return likeness.none;
  if (!hasSameContent(search, i, dir, row, name)) return likeness.kind;
  const xattrs = xattrsOf?.(dir, name) ?? [];
  if (xattrs.length > 0) found.setXattrs(row, xattrs);
  const { times, linkTimes } = rules.attributes;
  const keepTime = isSymlink(source.mode[i] as number) ? linkTimes : times;
  // As in rsync, when something was last read does not make another file of it.
  const bits = attributeBits(search, i, row, keepTime, false) & ~(change.atime | change.quietTimes);
  return bits === 0 ? likeness.all : likeness.content;
}

function isSameKind(a: number, b: number): boolean {
  if (isRegular(a)) return isRegular(b);
  if (isDirectory(a)) return isDirectory(b);
  if (isSymlink(a)) return isSymlink(b);
  return isDevice(a) ? isDevice(b) : isSpecial(a) && isSpecial(b);
}

function hasSameContent(
  search: BasisSearch,
  i: number,
  dir: DirHandle,
  row: number,
  name: ByteString,
): boolean {
  const { fs, source, rules } = search;
  const mode = source.mode[i] as number;
  if (isDirectory(mode)) return true;
  if (isSymlink(mode)) return fs.readLink(dir, name) === source.linkTargets.get(i);
  if (isDevice(mode)) {
    return (
      source.rdevMajor[i] === found.rdevMajor[row] && source.rdevMinor[i] === found.rdevMinor[row]
    );
  }
  if (!isRegular(mode)) return ((mode ^ (found.mode[row] as number)) & 0o170000) === 0;
  if (source.size[i] !== found.size[row]) return false;
  if (search.hasContentOf !== undefined) return search.hasContentOf(i, dir);
  if (rules.sizeOnly) return true;
  return !rules.ignoreTimes && sameMtime(rules.attributes, source, i, found, row);
}

/** Bits of the attributes in which the basis entry differs; a symlink has no mode of its own. */
function attributeBits(
  { rules, source }: BasisSearch,
  i: number,
  row: number,
  keepTime: boolean,
  rewritten: boolean,
): number {
  const time = keepTime ? "keep" : rewritten ? "now" : "leave";
  const bits = differingAttributes(rules.attributes, source, i, found, row, time);
  return isSymlink(source.mode[i] as number) ? bits & ~change.mode : bits;
}

/** A regular file that the target does not have. */
function resolveFile(search: BasisSearch, i: number, { degree, row }: Likeness): void {
  const { source, target, orders, rules } = search;
  const { times } = rules.attributes;
  orders.basis[i] = row + 1;
  if (degree === likeness.all && rules.kind !== "copy") {
    settleEqual(search, i);
  } else if (degree >= likeness.content) {
    const isReplaced = orders.kind[i] === order.replace && !rules.attributes.mode;
    const standing = isReplaced ? (target.mode[orders.target[i] as number] as number) : 0;
    if (isReplaced && !isDirectory(standing)) takeMode(rules.attributes, source, i, standing);
    orders.kind[i] = order.copyBasis;
    orders.changes[i] = change.local | change.basis | attributeBits(search, i, row, times, true);
  } else {
    const bits = change.transfer | attributeBits(search, i, row, times, true);
    if (!rules.attributes.mode) {
      takeMode(rules.attributes, source, i, found.mode[row] as number);
    }
    const isOtherSize = source.size[i] !== found.size[row];
    orders.changes[i] =
      bits | (isOtherSize ? change.size : 0) | (rules.checksum ? change.content : 0);
  }
}

/**
 * Gives row `i` the permissions `from`: a file that is built from another takes that one's, where they are not the
 * source's to give (as in rsync).
 */
export function takeMode(
  { executability }: AttributeRules,
  source: Directory,
  i: number,
  from: number,
): void {
  const mode = source.mode[i] as number;
  let taken = from & permissionMask;
  if (executability) {
    if ((mode & 0o111) === 0) taken &= ~0o111;
    else if ((taken & 0o111) === 0) taken |= (taken & 0o444) >> 2;
  }
  source.mode[i] = (mode & ~permissionMask) | taken;
}

/** An entry whose equal is at hand: linked, or not wanted at all. */
function settleEqual({ orders, rules }: BasisSearch, i: number): void {
  if (rules.kind === "link") {
    orders.kind[i] = order.linkBasis;
    orders.changes[i] = basisLink;
    return;
  }
  if (orders.kind[i] === order.replace) {
    orders.kind[i] = order.drop;
    orders.changes[i] = 0;
    return;
  }
  orders.kind[i] = order.none;
  orders.changes[i] = 0;
}

/** A file that stands on the target while a basis directory has its equal. */
function resolveStanding(search: BasisSearch, i: number, row: number): void {
  const { target, orders, rules } = search;
  const t = orders.target[i] as number;
  if (rules.kind === "compare") {
    orders.kind[i] = order.drop;
    orders.changes[i] = 0;
    return;
  }
  const isSameFile =
    target.inoLow[t] === found.inoLow[row] &&
    target.inoHigh[t] === found.inoHigh[row] &&
    target.devMajor[t] === found.devMajor[row] &&
    target.devMinor[t] === found.devMinor[row];
  if (isSameFile) return;
  orders.basis[i] = row + 1;
  orders.kind[i] = order.linkBasis;
  orders.changes[i] = basisLink;
}

/** A directory, symlink, device or special file that the target does not have. */
function resolveNode(search: BasisSearch, i: number, { degree, row }: Likeness): void {
  const { source, orders, rules } = search;
  const mode = source.mode[i] as number;
  const isFolder = isDirectory(mode);
  if (degree === likeness.all && rules.kind !== "copy" && !isFolder) {
    orders.basis[i] = row + 1;
    settleEqual(search, i);
    return;
  }
  const { times, linkTimes, dirTimes } = rules.attributes;
  const keepTime = isFolder ? dirTimes : isSymlink(mode) ? linkTimes : times;
  const bits = degree === likeness.all ? 0 : attributeBits(search, i, row, keepTime, true);
  const content = isFolder || degree === likeness.all ? 0 : change.content;
  orders.changes[i] = change.local | bits | content;
}
