// What a receiving rsync says that it does, in the words of our own progress: flags of items as bits of changes, and back.

import { itemFlag } from "../../rsync/index.ts";
import { change } from "../../tree/index.ts";

/** rsync's flags that say what differs, and ours. */
const attributes: readonly (readonly [flag: number, bit: number])[] = [
  [0x0001, change.atime],
  [0x0002, change.content],
  [0x0010, change.mode],
  [0x0020, change.owner],
  [0x0040, change.group],
  [0x0080, change.acl],
  [itemFlag.xattrs, change.xattr],
  [0x0400, change.crtime],
];

/** Returns our changes. `isLink`: of a symlink the flag for a size says that its time could not be set. */
export function changesOf(
  flags: number,
  { isLink, keepsTimes }: { readonly isLink: boolean; readonly keepsTimes: boolean },
): number {
  let changes = 0;
  for (const [flag, bit] of attributes) if ((flags & flag) !== 0) changes |= bit;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (has(itemFlag.size) && !isLink) changes |= change.size;
  const isNow = !keepsTimes || (isLink && has(itemFlag.size));
  if (has(itemFlag.time)) changes |= isNow ? change.mtimeNow : change.mtime;
  if (has(itemFlag.isNew)) changes |= change.created;
  if (has(itemFlag.localChange)) changes |= change.local;
  if (has(itemFlag.transfer)) changes |= change.transfer;
  if (has(itemFlag.localChange) && has(itemFlag.nameFollows)) changes |= change.hardLink;
  if (changes === 0) changes |= change.upToDate;
  return changes;
}

/** Returns rsync's flags for our changes. */
export function flagsOf(changes: number, isLink: boolean): number {
  let flags = 0;
  for (const [flag, bit] of attributes) if ((changes & bit) !== 0) flags |= flag;
  const has = (bit: number): boolean => (changes & bit) !== 0;
  if (has(change.size) && !isLink) flags |= itemFlag.size;
  if (has(change.mtime | change.mtimeNow)) flags |= itemFlag.time;
  if (has(change.mtimeNow) && isLink) flags |= itemFlag.size;
  if (has(change.created)) flags |= itemFlag.isNew;
  if (has(change.local)) flags |= itemFlag.localChange;
  if (has(change.hardLink)) flags |= itemFlag.nameFollows | itemFlag.localChange;
  if (has(change.transfer)) flags |= itemFlag.transfer;
  return flags;
}
