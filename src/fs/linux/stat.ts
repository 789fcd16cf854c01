// Reading attributes by statx(2). The structure's offsets below are words of 4 bytes:
// linux/stat.h, struct statx, which is the same on every architecture.

import { type ByteString, errno } from "../../base/index.ts";
import type { Address } from "../../native/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { DirHandle, FileHandle, Stat } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW, statxMask } from "./constants.ts";
import type { Kernel } from "./kernel.ts";

const nlinkWord = 4;
const uidWord = 5;
const gidWord = 6;
/** stx_mode is 16 bits wide; the other half of the word is a spare. */
const modeWord = 7;
const inoWord = 8;
const sizeWord = 10;
const blocksWord = 12;
const atimeWord = 16;
const btimeWord = 20;
const ctimeWord = 24;
const mtimeWord = 28;
const rdevMajorWord = 32;
const rdevMinorWord = 33;
const devMajorWord = 34;
const devMinorWord = 35;

const two32 = 4294967296;
/** The high word of 2^53: sizes from there on are not exact as numbers and are refused. */
const sizeHighLimit = 0x200000;

const noFollow = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;

/** Fills the attribute columns of some entries; FileSystem.statEntries. The hottest loop of a scan. */
export function statEntries(
  kernel: Kernel,
  dir: DirHandle,
  listing: Directory,
  from: number,
  to: number,
  follow: boolean,
): void {
  const { words, signedWords, structure } = kernel;
  const { statx } = kernel.call;
  const names = kernel.address(listing.names);
  const flags = follow ? AT_NO_AUTOMOUNT : noFollow;
  const { nameStart, mode, size, mtime, ctime, atime, blocks, crtime, problem } = listing;
  const { mtimeNanos, ctimeNanos, atimeNanos, crtimeNanos, uid, gid, nlink } = listing;
  const { devMajor, devMinor, inoHigh, inoLow, rdevMajor, rdevMinor } = listing;
  let types = 0;
  for (let i = from; i < to; i++) {
    let failed = statx(dir, names + nameStart[i], flags, statxMask, structure) < 0;
    while (failed && kernel.interrupted())
      failed = statx(dir, names + nameStart[i], flags, statxMask, structure) < 0;
    if (failed || words[sizeWord + 1] >= sizeHighLimit) {
      mode[i] = 0;
      types |= 1;
      problem[i] = failed ? kernel.lastErrno : errno.EOVERFLOW;
      continue;
    }
    problem[i] = 0;
    mode[i] = words[modeWord] & 0xffff;
    types |= 1 << (mode[i] >>> 12);
    size[i] = words[sizeWord] + words[sizeWord + 1] * two32;
    mtime[i] = words[mtimeWord] + signedWords[mtimeWord + 1] * two32;
    mtimeNanos[i] = words[mtimeWord + 2];
    ctime[i] = words[ctimeWord] + signedWords[ctimeWord + 1] * two32;
    ctimeNanos[i] = words[ctimeWord + 2];
    atime[i] = words[atimeWord] + signedWords[atimeWord + 1] * two32;
    atimeNanos[i] = words[atimeWord + 2];
    crtime[i] = words[btimeWord] + signedWords[btimeWord + 1] * two32;
    crtimeNanos[i] = words[btimeWord + 2];
    blocks[i] = words[blocksWord] + words[blocksWord + 1] * two32;
    uid[i] = words[uidWord];
    gid[i] = words[gidWord];
    nlink[i] = words[nlinkWord];
    devMajor[i] = words[devMajorWord];
    devMinor[i] = words[devMinorWord];
    inoHigh[i] = words[inoWord + 1];
    inoLow[i] = words[inoWord];
    rdevMajor[i] = words[rdevMajorWord];
    rdevMinor[i] = words[rdevMinorWord];
  }
  listing.types = from === 0 && to === listing.count ? types : listing.types | types;
}

/** Says whether the attributes that were just read are those of entry `i`: size, times and inode. */
export function isAsListed(kernel: Kernel, listing: Directory, i: number): boolean {
  const { words, signedWords } = kernel;
  return (
    words[sizeWord] + words[sizeWord + 1] * two32 === listing.size[i] &&
    words[mtimeWord] + signedWords[mtimeWord + 1] * two32 === listing.mtime[i] &&
    words[mtimeWord + 2] === listing.mtimeNanos[i] &&
    words[inoWord] === listing.inoLow[i] &&
    words[inoWord + 1] === listing.inoHigh[i] &&
    words[ctimeWord] + signedWords[ctimeWord + 1] * two32 === listing.ctime[i] &&
    words[ctimeWord + 2] === listing.ctimeNanos[i]
  );
}

/** Reads one entry's attributes; false when there is no such entry. FileSystem.stat. */
export function stat(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  into: Stat,
  follow: boolean,
): boolean {
  const address = kernel.name(name, "statx");
  const flags = follow ? AT_NO_AUTOMOUNT : noFollow;
  let result: number;
  do result = kernel.call.statx(dir, address, flags, statxMask, kernel.structure);
  while (result < 0 && kernel.interrupted());
  if (result < 0) {
    if (kernel.lastErrno === errno.ENOENT || kernel.lastErrno === errno.ENOTDIR) return false;
    throw new FsError(kernel.lastErrno, "statx", name);
  }
  take(kernel, into, name);
  return true;
}

/** Reads the attributes of an open file or pinned directory. */
export function statHandle(kernel: Kernel, handle: DirHandle | FileHandle, into: Stat): void {
  fillFromHandle(kernel, handle);
  take(kernel, into, "");
}

/** The mode of an open file or pinned directory, O_PATH ones included. */
export function modeOfHandle(kernel: Kernel, handle: number): number {
  fillFromHandle(kernel, handle);
  return kernel.words[modeWord] & 0xffff;
}

/** The mode of an entry whose name lies at this address; -1 with lastErrno set when it cannot be looked at. */
export function modeOfEntry(kernel: Kernel, dir: DirHandle, name: Address): number {
  const { statx } = kernel.call;
  const { structure } = kernel;
  const result = kernel.attempt(() => statx(dir, name, noFollow, statxMask, structure));
  return result < 0 ? -1 : (kernel.words[modeWord] as number) & 0xffff;
}

/** Names the inode at this address: equal = the same one; "" when it cannot be looked at. */
export function identityOf(kernel: Kernel, dir: DirHandle, name: Address): string {
  if (modeOfEntry(kernel, dir, name) < 0) return "";
  const { words } = kernel;
  const ino = `${words[inoWord + 1]}/${words[inoWord]}`;
  return `${words[devMajorWord]}:${words[devMinorWord]} ${ino}`;
}

/** The size of an open file. */
export function sizeOfHandle(kernel: Kernel, handle: FileHandle): number {
  fillFromHandle(kernel, handle);
  return kernel.words[sizeWord] + kernel.words[sizeWord + 1] * two32;
}

function fillFromHandle(kernel: Kernel, handle: number): void {
  const path = kernel.path("", "statx");
  const { statx } = kernel.call;
  const flags = AT_EMPTY_PATH | noFollow;
  kernel.must("statx", "", () => statx(handle, path, flags, statxMask, kernel.structure));
}

function take(kernel: Kernel, into: Stat, name: ByteString): void {
  const { words, signedWords } = kernel;
  if (words[sizeWord + 1] >= sizeHighLimit) throw new FsError(errno.EOVERFLOW, "statx", name);
  into.mode = words[modeWord] & 0xffff;
  into.size = words[sizeWord] + words[sizeWord + 1] * two32;
  into.blocks = words[blocksWord] + words[blocksWord + 1] * two32;
  into.mtime = words[mtimeWord] + signedWords[mtimeWord + 1] * two32;
  into.mtimeNanos = words[mtimeWord + 2];
  into.ctime = words[ctimeWord] + signedWords[ctimeWord + 1] * two32;
  into.ctimeNanos = words[ctimeWord + 2];
  into.atime = words[atimeWord] + signedWords[atimeWord + 1] * two32;
  into.atimeNanos = words[atimeWord + 2];
  into.crtime = words[btimeWord] + signedWords[btimeWord + 1] * two32;
  into.crtimeNanos = words[btimeWord + 2];
  into.uid = words[uidWord];
  into.gid = words[gidWord];
  into.nlink = words[nlinkWord];
  into.devMajor = words[devMajorWord];
  into.devMinor = words[devMinorWord];
  into.inoHigh = words[inoWord + 1];
  into.inoLow = words[inoWord];
  into.rdevMajor = words[rdevMajorWord];
  into.rdevMinor = words[rdevMinorWord];
}
