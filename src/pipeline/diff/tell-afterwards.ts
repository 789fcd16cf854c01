// How rsync tells of an entry that keeps its content and gets other attributes: it sets some of
// them first, looks again, and tells what differs then. Giving an entry away clears its set-id
// bits, so an entry that has some shows no other owner any more but a mode that lacks them; and an
// access control list brings the permission bits with it.

import { change, type Directory, permissionMask, setGroupId, setUserId } from "../../tree/index.ts";

const groupExecute = 0o010;
const accessBits = 0o777;

/**
 * Returns the bits to tell, where `bits` differ; what is done stays the same. Not for directories and symlinks.
 * Without `keepsMode` a mode can only differ in execute bits, which nothing here clears.
 */
export function tellAfterwards(
  bits: number,
  source: Directory,
  i: number,
  target: Directory,
  t: number,
  keepsMode: boolean,
): number {
  const wanted = source.mode[i] as number;
  let mode = target.mode[t] as number;
  let told = keepsMode ? bits & ~change.mode : bits;
  const given = bits & (change.owner | change.group);
  if (given !== 0 && (mode & (setUserId | setGroupId)) !== 0) {
    mode &= ~setUserId & ((mode & groupExecute) !== 0 ? ~setGroupId : ~0);
    told = (told & ~given) | change.quietOwner;
  }
  if (bits & change.acl) mode = (mode & ~accessBits) | (wanted & accessBits);
  const differs = ((mode ^ wanted) & permissionMask) !== 0;
  return keepsMode && differs ? told | change.mode : told;
}
