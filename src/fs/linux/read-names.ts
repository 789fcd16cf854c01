// Reading directories. The kernel writes its records (getdents64(2)) straight into the listing's
// name storage and the names are used where they lie: each is followed by a NUL already, so not a
// byte is copied, neither here nor when statEntries hands the name back to the kernel.
// The price is about 24 bytes of record around each name.

import { errno } from "../../base/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { DirHandle } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { F_GETFL, O_PATH, SEEK_SET } from "./constants.ts";
import type { Kernel } from "./kernel.ts";

/** Bytes asked for at once: enough that small directories take two calls and large ones few. */
const batchBytesMin = 32768;
const batchBytesMax = 262144;

/** Columns hold where a name begins in 32 bits: room for some 50 million names of usual length in one directory. */
const namesBytesMax = 2 ** 32 - 1 - batchBytesMax;

/** struct linux_dirent64: u64 inode, s64 offset, u16 record length, u8 type, name. */
const recordLengthOffset = 16;
const typeOffset = 18;
const nameOffset = 19;
/** The shortest record: a one-byte name and its NUL, rounded up to 8. */
const recordBytesMin = 24;

/** Appends a directory's names and types to the listing; FileSystem.readNames. */
export function readNames(kernel: Kernel, dir: DirHandle, listing: Directory): void {
  // The position belongs to the open descriptor and outlives a call, and other threads may have read here.
  kernel.call.lseek(dir, 0, SEEK_SET);
  if (listing.count === 0) listing.types = 0;
  for (;;) {
    listing.reserveNames(batchBytesMin);
    // Records are aligned to 8 in the kernel's eyes only; still, keep ours so.
    const start = Math.ceil(listing.namesUsed / 8) * 8;
    if (start > namesBytesMax) throw new FsError(errno.EOVERFLOW, "getdents64", "");
    const free = Math.min(listing.names.length - start, batchBytesMax);
    const address = kernel.address(listing.names) + start;
    let bytes: number;
    do bytes = kernel.call.getdents64(dir, address, free);
    while (bytes < 0 && kernel.interrupted());
    if (bytes < 0) throw new FsError(realReason(kernel, dir), "getdents64", "");
    if (bytes === 0) return;
    listing.reserve(listing.count + Math.floor(bytes / recordBytesMin));
    appendRecords(listing, start, start + bytes);
    listing.namesUsed = start + bytes;
  }
}

/** A directory that could only be pinned, not opened, fails here with EBADF; what is meant is EACCES. */
function realReason(kernel: Kernel, dir: DirHandle): number {
  const reason = kernel.lastErrno;
  const flags = reason === errno.EBADF ? kernel.call.fcntl(dir, F_GETFL, 0) : 0;
  return flags > 0 && (flags & O_PATH) !== 0 ? errno.EACCES : reason;
}

function appendRecords(listing: Directory, from: number, to: number): void {
  const { names, nameStart, nameLength, mode, problem, verdict, origin } = listing;
  let { count, types } = listing;
  let record = from;
  while (record < to) {
    const recordLength =
      names[record + recordLengthOffset] | (names[record + recordLengthOffset + 1] << 8);
    const start = record + nameOffset;
    // The NUL is somewhere in the last eight bytes, and behind it lies what was there before.
    let end = Math.max(start, record + recordLength - 8);
    while (names[end] !== 0) end++;
    const length = end - start;
    const type = names[record + typeOffset];
    record += recordLength;
    if (names[start] === 46 && (length === 1 || (length === 2 && names[start + 1] === 46)))
      continue;
    nameStart[count] = start;
    nameLength[count] = length;
    // DT_ values are the type bits shifted; 14 is a whiteout, which no stat ever shows.
    mode[count] = type === 14 ? 0 : type << 12;
    types |= type === 14 ? 1 : 1 << type;
    problem[count] = 0;
    verdict[count] = 0;
    origin[count] = 0;
    count++;
  }
  listing.count = count;
  listing.types = types;
}
