// Which attributes of an entry differ between source and target, as change bits, under the rules
// of what the user wants preserved.

import {
  type Acl,
  accessAclName,
  defaultAclName,
  isAclName,
  parseAcl,
  sameAccessAcl,
  sameDefaultAcl,
  wantedAccessAcl,
} from "./acl.ts";
import type { Xattr } from "./columns.ts";
import type { Directory } from "./directory.ts";
import { change } from "./itemize.ts";
import { executableMask, isDirectory, isSymlink, permissionMask } from "./mode.ts";

/** Which attributes count, and how closely. */
export interface AttributeRules {
  readonly mode: boolean;
  readonly executability: boolean;
  /** Modification times, in general and for two types. */
  readonly times: boolean;
  readonly dirTimes: boolean;
  readonly linkTimes: boolean;
  /** Access times, in general (never of directories) and for symlinks. */
  readonly atimes: boolean;
  readonly linkAtimes: boolean;
  readonly crtimes: boolean;
  readonly owner: boolean;
  /** Groups that can be given away: all for a privileged run, else the caller's own. */
  readonly group: "none" | "any" | ReadonlySet<number>;
  readonly acls: boolean;
  readonly xattrs: boolean;
  /** Seconds; negative = exact to the nanosecond. */
  readonly modifyWindow: number;
  /** Without a window: compare nanoseconds where both sides have them (rsync compares whole seconds). */
  readonly fineTimes: boolean;
  /** Nanoseconds that the target's door rounds times down to; 1 = it keeps them all. */
  readonly timeStep: number;
}

/** Compares two times under the rules. */
export function sameTime(
  rules: AttributeRules,
  a: number,
  aNanos: number,
  b: number,
  bNanos: number,
): boolean {
  const { modifyWindow } = rules;
  if (modifyWindow > 0) return Math.abs(a - b) <= modifyWindow;
  if (a !== b) return false;
  if (sameNanos(rules, aNanos, bNanos)) return true;
  const isWhole = aNanos === 0 || bNanos === 0;
  if (modifyWindow < 0) return rules.timeStep > 1 && isWhole;
  return !rules.fineTimes || isWhole;
}

/**
 * Says whether nanoseconds agree as closely as the target can keep them: what it cannot keep is no difference, else
 * every run would transfer everything again.
 */
export function sameNanos(
  { timeStep }: Pick<AttributeRules, "timeStep">,
  a: number,
  b: number,
): boolean {
  return a === b || (timeStep > 1 && a - (a % timeStep) === b - (b % timeStep));
}

/** Says whether the modification times of entry i and entry t agree. */
export function sameMtime(
  rules: AttributeRules,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
): boolean {
  return sameTime(
    rules,
    source.mtime[i] as number,
    source.mtimeNanos[i] as number,
    target.mtime[t] as number,
    target.mtimeNanos[t] as number,
  );
}

/** What an order means for an entry's modification time. */
export type TimeRule =
  /** It is to be the source's. */
  | "keep"
  /** It will be the moment of the transfer. */
  | "now"
  /** Nothing: the entry is not written, and its time is not wanted. */
  | "leave";

/**
 * Returns the change bits of the attributes of entry i that differ from the target's entry t. The source's
 * mode must already be the wanted one (see diff's setWantedMode).
 */
export function differingAttributes(
  rules: AttributeRules,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
  time: TimeRule,
): number {
  let bits = 0;
  if (time === "keep") {
    if (!sameMtime(rules, source, i, target, t)) bits |= change.mtime;
    // As in rsync, that no times are kept is told where none at all are, not those of directories or symlinks only.
  } else if (time === "now") bits |= rules.times ? change.mtime : change.mtimeNow;
  if (rules.mode || rules.executability) {
    const [wanted, found] = [source.mode[i] as number, target.mode[t] as number];
    // With -E alone it only matters whether somebody may execute it.
    const differs = rules.mode
      ? ((wanted ^ found) & permissionMask) !== 0
      : ((wanted & executableMask) !== 0) !== ((found & executableMask) !== 0);
    if (differs) bits |= change.mode;
  }
  if (rules.owner && source.uid[i] !== target.uid[t]) bits |= change.owner;
  if (source.gid[i] !== target.gid[t] && mayGiveGroup(rules, source.gid[i] as number))
    bits |= change.group;
  if (rules.atimes) bits |= differingAtime(rules, source, i, target, t);
  if (rules.crtimes && source.crtime[i] !== target.crtime[t]) bits |= change.crtime;
  if (rules.acls) bits |= differingAcls(source, i, target, t);
  if (rules.xattrs) bits |= differingXattrs(rules, source.xattrs.get(i), target.xattrs.get(t));
  return bits;
}

/** Says whether the run can and should set this group. */
export function mayGiveGroup(rules: AttributeRules, gid: number): boolean {
  return rules.group === "any" || (rules.group !== "none" && rules.group.has(gid));
}

/** Access times are not kept for directories, and those of symlinks are set without being told (as rsync does). */
function differingAtime(
  rules: AttributeRules,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
): number {
  const mode = source.mode[i] as number;
  if (isDirectory(mode) || (isSymlink(mode) && !rules.linkAtimes)) return 0;
  const same = sameTime(
    rules,
    source.atime[i] as number,
    atimeNanos(rules, source, i),
    target.atime[t] as number,
    atimeNanos(rules, target, t),
  );
  if (same) return 0;
  return isSymlink(mode) ? change.quietTimes : change.atime;
}

/** Nanoseconds of an access time as far as they travel: rsync carries whole seconds. */
export function atimeNanos(rules: AttributeRules, listing: Directory, i: number): number {
  return rules.fineTimes ? (listing.atimeNanos[i] as number) : 0;
}

function differingAcls(source: Directory, i: number, target: Directory, t: number): number {
  const mode = source.mode[i] as number;
  const [mine, theirs] = [source.xattrs.get(i), target.xattrs.get(t)];
  if ((mine === undefined && theirs === undefined) || isSymlink(mode)) return 0;
  const wanted = wantedAccessAcl(aclOf(mine, accessAclName), mode);
  const same =
    sameAccessAcl(wanted, aclOf(theirs, accessAclName)) &&
    (!isDirectory(mode) ||
      sameDefaultAcl(aclOf(mine, defaultAclName), aclOf(theirs, defaultAclName)));
  return same ? 0 : change.acl;
}

/** Returns the list among an entry's extended attributes; undefined when there is none. */
export function aclOf(xattrs: readonly Xattr[] | undefined, name: string): Acl | undefined {
  const found = xattrs?.find((xattr) => xattr.name === name);
  return found && parseAcl(found.value);
}

const none: readonly Xattr[] = [];

function differingXattrs(rules: AttributeRules, a = none, b = none): number {
  if (a.length === 0 && b.length === 0) return 0;
  const [mine, theirs] = [plainXattrs(rules, a), plainXattrs(rules, b)];
  if (mine.length !== theirs.length) return change.xattr;
  const same = mine.every((xattr, index) => {
    const other = theirs[index] as Xattr;
    return xattr.name === other.name && Buffer.compare(xattr.value, other.value) === 0;
  });
  return same ? 0 : change.xattr;
}

/** Returns the attributes without the access control lists, where these are kept as such. */
export function plainXattrs(rules: AttributeRules, all: readonly Xattr[]): readonly Xattr[] {
  return rules.acls && all.some(isAcl) ? all.filter((xattr) => !isAcl(xattr)) : all;
}

function isAcl(xattr: Xattr): boolean {
  return isAclName(xattr.name);
}
