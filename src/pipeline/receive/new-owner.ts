// Whom a new entry belongs to, and whether that has to be said: it is made as ours, in the group
// that its directory gives.

import { mayGiveGroup } from "../../tree/index.ts";
import type { ReceiveOptions } from "./context.ts";
import type { Inheritance } from "./target-place.ts";

/** Stands for "as it is" where an owner or group is set. */
export const keepId = 0xffffffff;

/**
 * Returns the owner that a new entry must be given, or keepId when it has the right one. What only pretends belongs to
 * root unless owners are kept.
 */
export function ownerOfNew(
  { attributes, fakeSuper, euid }: ReceiveOptions,
  sourceUid: number,
): number {
  const wanted = attributes.owner ? sourceUid : fakeSuper ? 0 : euid;
  return wanted === euid ? keepId : wanted;
}

/** Returns the group that a new entry must be given, or keepId when it has the right one. */
export function groupOfNew(
  options: ReceiveOptions,
  sourceGid: number,
  gives: Inheritance,
  got: Inheritance,
): number {
  const own = options.staysLocal ? gives.gid : got.gid;
  const wanted = mayGiveGroup(options.attributes, sourceGid)
    ? sourceGid
    : options.fakeSuper
      ? 0
      : own;
  return wanted === got.gid ? keepId : wanted;
}
