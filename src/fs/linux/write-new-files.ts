// Writes many small files of one directory out of one piece of memory, where they are new: the bulk of
// a first copy from another machine. As copy-new-files.ts, but that the content is at hand, and that files are
// staged in a directory of their own where others can see theirs.

import type { Directory } from "../../tree/index.ts";
import { type DirHandle, omitTime } from "../file-system.ts";
import { pickMark } from "../pick-mark.ts";
import { timePair } from "./attributes.ts";
import { O_CLOEXEC, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR, RENAME_NOREPLACE } from "./constants.ts";
import type { Kernel } from "./kernel.ts";

const createFlags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

/** FileSystem.writeNewFiles (hot loop: plain parameters). */
export function writeNewFiles(
  kernel: Kernel,
  stage: DirHandle,
  dir: DirHandle,
  listing: Directory,
  first: number,
  last: number,
  marks: Uint8Array,
  from: Uint8Array,
  starts: Float64Array,
): void {
  const { call } = kernel;
  const { nameStart, size, mode, mtime, mtimeNanos } = listing;
  const memory = kernel.address(from);
  const names = kernel.address(listing.names);
  for (let i = first; i < last; i++) {
    if (marks[i] !== pickMark.wanted) continue;
    const name = names + (nameStart[i] as number);
    const file = call.openat(stage, name, createFlags, (mode[i] as number) & 0o7777);
    if (file < 0) continue;
    const bytes = size[i] as number;
    const seconds = mtime[i] as number;
    const isWritten =
      (bytes === 0 || call.pwrite(file, memory + (starts[i] as number), bytes, 0) === bytes) &&
      call.futimens(file, timePair(kernel, 0, omitTime, seconds, mtimeNanos[i] as number)) === 0;
    const isClosed = call.close(file) === 0;
    const isThere =
      isWritten &&
      isClosed &&
      (stage === dir || call.renameat2(stage, name, dir, name, RENAME_NOREPLACE) === 0);
    if (isThere) marks[i] = pickMark.done;
    else call.unlinkat(stage, name, 0);
  }
}
