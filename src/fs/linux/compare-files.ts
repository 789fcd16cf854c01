// Compares the contents of many files of two directories by name, in one loop that allocates
// nothing and takes names where the listing has them. A file that cannot be read on either side is
// not equal; whoever goes on with it finds out why.

import type { Directory } from "../../tree/index.ts";
import { type DirHandle, omitTime } from "../file-system.ts";
import { pickMark } from "../pick-mark.ts";
import { timePair } from "./attributes.ts";
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

/** Bytes compared at once: both fit into a second-level cache. Arbitrary beyond that. */
const pieceBytes = 256 * 1024;
let pieces: Uint8Array | undefined;

const readFlags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;

/** FileSystem.compareFiles (hot loop: plain parameters). */
export function compareFiles(
  kernel: Kernel,
  source: DirHandle,
  target: DirHandle,
  listing: Directory,
  first: number,
  last: number,
  marks: Uint8Array,
): void {
  pieces ??= new Uint8Array(2 * pieceBytes);
  const { call } = kernel;
  const { nameStart, size } = listing;
  const memory = kernel.address(pieces);
  const empty = kernel.path("", "statx");
  const names = kernel.address(listing.names);
  for (let i = first; i < last; i++) {
    const mark = marks[i];
    const bytesOnly = mark === pickMark.wantedBytes;
    if (!bytesOnly && mark !== pickMark.wanted && mark !== pickMark.wantedWithTime) continue;
    const name = names + (nameStart[i] as number);
    const a = call.openat(source, name, readFlags, 0);
    if (a < 0) continue;
    const b = call.openat(target, name, readFlags, 0);
    if (b >= 0) {
      const isSame = haveEqualBytes(kernel, a, b, size[i] as number, memory);
      const isEqual = isSame && (bytesOnly || isStillListed(kernel, a, empty, listing, i));
      if (isEqual && mark !== pickMark.wantedWithTime) marks[i] = pickMark.done;
      else if (isEqual && stamp(kernel, b, listing, i)) marks[i] = pickMark.doneWithTime;
      call.close(b);
    }
    call.close(a);
  }
}

function isStillListed(
  kernel: Kernel,
  file: number,
  empty: number,
  listing: Directory,
  i: number,
): boolean {
  const flags = AT_EMPTY_PATH | AT_NO_AUTOMOUNT;
  if (kernel.call.statx(file, empty, flags, statxMask, kernel.structure) !== 0) return false;
  return isAsListed(kernel, listing, i);
}

function stamp(kernel: Kernel, file: number, { mtime, mtimeNanos }: Directory, i: number): boolean {
  const times = timePair(kernel, 0, omitTime, mtime[i] as number, mtimeNanos[i] as number);
  return kernel.call.futimens(file, times) === 0;
}

/** Says whether the first `size` bytes of both are the same, and neither is shorter. */
function haveEqualBytes(
  { call }: Kernel,
  a: number,
  b: number,
  size: number,
  memory: number,
): boolean {
  const other = memory + pieceBytes;
  for (let position = 0; position < size; ) {
    const wanted = Math.min(pieceBytes, size - position);
    if (call.pread(a, memory, wanted, position) !== wanted) return false;
    if (call.pread(b, other, wanted, position) !== wanted) return false;
    if (call.memcmp(memory, other, wanted) !== 0) return false;
    position += wanted;
  }
  return true;
}
