// Reads many small files of one directory into one piece of memory: what a machine sends of a
// directory. One loop that allocates nothing and takes names where the listing has them; a file that
// is not as it was listed is left to the caller, who looks again.

import type { Directory } from "../../tree/index.ts";
import type { DirHandle } from "../file-system.ts";
import { pickMark } from "../pick-mark.ts";
import {
  AT_EMPTY_PATH,
  AT_NO_AUTOMOUNT,
  O_CLOEXEC,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  statxMask,
} from "./constants.ts";
import type { Kernel } from "./kernel.ts";
import { isAsListed } from "./stat.ts";

const readFlags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;

/** FileSystem.readFiles (hot loop: plain parameters). */
export function readFiles(
  kernel: Kernel,
  dir: DirHandle,
  listing: Directory,
  first: number,
  last: number,
  marks: Uint8Array,
  into: Uint8Array,
  from: number,
): number {
  const { call } = kernel;
  const { nameStart, size } = listing;
  const memory = kernel.address(into);
  const empty = kernel.path("", "statx");
  const names = kernel.address(listing.names);
  let used = from;
  for (let i = first; i < last; i++) {
    if (marks[i] !== pickMark.wanted) continue;
    const bytes = size[i] as number;
    if (bytes > into.length - used) continue;
    const file = call.openat(dir, names + (nameStart[i] as number), readFlags, 0);
    if (file < 0) continue;
    const isRead =
      (bytes === 0 || call.pread(file, memory + used, bytes, 0) === bytes) &&
      call.statx(file, empty, AT_EMPTY_PATH | AT_NO_AUTOMOUNT, statxMask, kernel.structure) === 0 &&
      isAsListed(kernel, listing, i);
    call.close(file);
    if (!isRead) continue;
    used += bytes;
    marks[i] = pickMark.done;
  }
  return used;
}
