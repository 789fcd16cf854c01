// Which attributes of an entry differ between source and target, as change bits, under the rules
// of what the user wants preserved.

import type { Directory, Xattr } from "./directory.ts";
import { change } from "./itemize.ts";
import { permissionMask } from "./mode.ts";

/** Which attributes count, and how closely. */
export interface AttributeRules {
  readonly mode: boolean;
  readonly executability: boolean;
  readonly times: boolean;
  readonly dirTimes: boolean;
  readonly linkTimes: boolean;
  readonly atimes: boolean;
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
  if (modifyWindow < 0) return aNanos === bNanos;
  return !rules.fineTimes || aNanos === bNanos || aNanos === 0 || bNanos === 0;
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

/**
 * Returns the change bits of the attributes of entry i that differ from the target's entry t. The source's
 * mode must already be the wanted one (see wantedMode). `keepTime` says whether this type keeps its time; where
 * it does not, `rewritten` makes the time change to now.
 */
export function differingAttributes(
  rules: AttributeRules,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
  keepTime: boolean,
  rewritten: boolean,
): number {
  let bits = 0;
  if (keepTime) {
    if (!sameMtime(rules, source, i, target, t)) bits |= change.mtime;
  } else if (rewritten) bits |= change.mtimeNow;
  if (rules.mode || rules.executability) {
    if ((((source.mode[i] as number) ^ (target.mode[t] as number)) & permissionMask) !== 0)
      bits |= change.mode;
  }
  if (rules.owner && source.uid[i] !== target.uid[t]) bits |= change.owner;
  if (source.gid[i] !== target.gid[t] && mayGiveGroup(rules, source.gid[i] as number))
    bits |= change.group;
  if (rules.atimes && !sameAtime(rules, source, i, target, t)) bits |= change.atime;
  if (rules.crtimes && source.crtime[i] !== target.crtime[t]) bits |= change.crtime;
  if (rules.acls || rules.xattrs)
    bits |= differingXattrs(rules, source.xattrs.get(i), target.xattrs.get(t));
  return bits;
}

/** Says whether the run can and should set this group. */
export function mayGiveGroup(rules: AttributeRules, gid: number): boolean {
  return rules.group === "any" || (rules.group !== "none" && rules.group.has(gid));
}

function sameAtime(
  rules: AttributeRules,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
): boolean {
  return sameTime(
    rules,
    source.atime[i] as number,
    source.atimeNanos[i] as number,
    target.atime[t] as number,
    target.atimeNanos[t] as number,
  );
}

const none: readonly Xattr[] = [];

function differingXattrs(rules: AttributeRules, a = none, b = none): number {
  if (a.length === 0 && b.length === 0) return 0;
  let bits = 0;
  if (rules.acls && !sameXattrs(a, b, true)) bits |= change.acl;
  if (rules.xattrs && !sameXattrs(a, b, false)) bits |= change.xattr;
  return bits;
}

function sameXattrs(a: readonly Xattr[], b: readonly Xattr[], acls: boolean): boolean {
  const mine = a.filter((xattr) => isAcl(xattr) === acls);
  const theirs = b.filter((xattr) => isAcl(xattr) === acls);
  if (mine.length !== theirs.length) return false;
  return mine.every((xattr, index) => {
    const other = theirs[index] as Xattr;
    return xattr.name === other.name && Buffer.compare(xattr.value, other.value) === 0;
  });
}

function isAcl(xattr: Xattr): boolean {
  return xattr.name.startsWith("system.posix_acl_");
}
