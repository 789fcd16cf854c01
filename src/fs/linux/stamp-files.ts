// Gives many files of one directory their modification time, whose content is what it should be: most of an
// update from another machine. One loop that allocates nothing; a file that is no longer what was listed is left.

import type { Directory } from "../../tree/index.ts";
import { type DirHandle, omitTime } from "../file-system.ts";
import { pickMark } from "../pick-mark.ts";
import { timePair } from "./attributes.ts";
import { AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW, statxMask } from "./constants.ts";
import type { Kernel } from "./kernel.ts";
import { isAsListed } from "./stat.ts";

const flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;

/** FileSystem.stampFiles (hot loop: plain parameters). */
export function stampFiles(
  kernel: Kernel,
  dir: DirHandle,
  listing: Directory,
  rows: Int32Array,
  wanted: Directory,
  first: number,
  last: number,
  marks: Uint8Array,
): void {
  const { call, structure } = kernel;
  const { nameStart } = listing;
  const { mtime, mtimeNanos } = wanted;
  const names = kernel.address(listing.names);
  for (let i = first; i < last; i++) {
    if (marks[i] !== pickMark.wantedWithTime) continue;
    const row = rows[i] as number;
    const name = names + (nameStart[row] as number);
    if (call.statx(dir, name, flags, statxMask, structure) !== 0) continue;
    if (!isAsListed(kernel, listing, row)) continue;
    const times = timePair(kernel, 0, omitTime, mtime[i] as number, mtimeNanos[i] as number);
    if (call.utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) === 0) {
      marks[i] = pickMark.doneWithTime;
    }
  }
}
