// Copies many small files of one directory into another where they are new: the bulk of a first
// copy. The same calls as openRead, createFile, read, write, statFile and setFileTimes make, in one
// loop that allocates nothing and takes names where the listing has them. Whatever does not go as
// the common case goes is undone and left to the caller, who knows what to say about it.

import type { Directory } from "../../tree/index.ts";
import { type DirHandle, omitTime } from "../file-system.ts";
import { pickMark } from "../pick-mark.ts";
import { timePair } from "./attributes.ts";
import {
  AT_EMPTY_PATH,
  AT_NO_AUTOMOUNT,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  statxMask,
} from "./constants.ts";
import type { Kernel } from "./kernel.ts";
import { isAsListed } from "./stat.ts";

/** Up to here a read and a write beat copy_file_range: measured 16 us against 21 us for 14 KB in tmpfs. */
const bufferBytes = 256 * 1024;
let buffer: Uint8Array | undefined;

const readFlags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
const createFlags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

/** FileSystem.copyNewFiles (hot loop: plain parameters). */
export function copyNewFiles(
  kernel: Kernel,
  from: DirHandle,
  to: DirHandle,
  listing: Directory,
  first: number,
  last: number,
  marks: Uint8Array,
): void {
  buffer ??= new Uint8Array(bufferBytes);
  const { call } = kernel;
  const { nameStart, size, mode } = listing;
  const bytes = kernel.address(buffer);
  const empty = kernel.path("", "statx");
  const names = kernel.address(listing.names);
  for (let i = first; i < last; i++) {
    if (marks[i] !== pickMark.wanted) continue;
    const name = names + (nameStart[i] as number);
    const source = call.openat(from, name, readFlags, 0);
    if (source < 0) continue;
    const target = call.openat(to, name, createFlags, (mode[i] as number) & 0o7777);
    if (target >= 0) {
      const isCopied =
        copyBytes(kernel, source, target, size[i] as number, bytes) &&
        call.statx(source, empty, AT_EMPTY_PATH | AT_NO_AUTOMOUNT, statxMask, kernel.structure) ===
          0 &&
        isAsListed(kernel, listing, i) &&
        call.futimens(
          target,
          timePair(
            kernel,
            0,
            omitTime,
            listing.mtime[i] as number,
            listing.mtimeNanos[i] as number,
          ),
        ) === 0;
      const isClosed = call.close(target) === 0;
      if (isCopied && isClosed) marks[i] = pickMark.done;
      else call.unlinkat(to, name, 0);
    }
    call.close(source);
  }
}

function copyBytes(
  kernel: Kernel,
  source: number,
  target: number,
  size: number,
  bytes: number,
): boolean {
  const { call, words, structure } = kernel;
  if (size <= bufferBytes) {
    if (size === 0) return true;
    return (
      call.pread(source, bytes, size, 0) === size && call.pwrite(target, bytes, size, 0) === size
    );
  }
  for (let position = 0; position < size; ) {
    words[0] = words[2] = position;
    words[1] = words[3] = position / 4294967296;
    const { copy_file_range } = call;
    const count = copy_file_range(source, structure, target, structure + 8, size - position, 0);
    if (count <= 0) return false;
    position += count;
  }
  return true;
}
