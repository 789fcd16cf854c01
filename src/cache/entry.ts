// One entry of a digest cache: which file, in which state, and its digest. Words of 32 bits, in this machine's byte
// order, as they stand in the file:
//
//   0     device: major in the upper 12 bits, minor in the lower 20
//   1, 2  inode number, low and high word
//   3, 4  size, low and high word
//   5, 6  mtime: seconds modulo 2^32; nanoseconds, and above them (bits 30, 31) what is left of the seconds + 2^33
//   7, 8  ctime, the same
//   9     the day since 1970 on which the digest was taken
//   10-17 the BLAKE3 digest of the content
//   18    a checksum of the others: what is torn, or half written by another process, is no entry
//
// Hot functions: plain parameters, nothing allocated.

import type { Stat } from "../fs/index.ts";

/** Words of an entry. */
export const entryWords = 19;
/** Bytes of an entry. */
export const entryBytes = 4 * entryWords;
/** The first word of the digest. */
export const digestWord = 10;
/** The word with the day. */
export const dayWord = 9;
const checkWord = 18;

/** What is asked of a file: who it is, and in which state. Stat has it, and each row of a Directory. */
export type FileState = Pick<
  Stat,
  | "devMajor"
  | "devMinor"
  | "inoHigh"
  | "inoLow"
  | "size"
  | "mtime"
  | "mtimeNanos"
  | "ctime"
  | "ctimeNanos"
>;

const two32 = 2 ** 32;
const two33 = 2 ** 33;
const nanosMask = 0x3fffffff;
const devMajorMax = 0xfff;
const devMinorMax = 0xfffff;

/** Writes the words of a file's state to `words` from `at`; false = numbers that there is no room for. */
export function writeState(words: Uint32Array, at: number, file: FileState): boolean {
  const mtime = file.mtime + two33;
  const ctime = file.ctime + two33;
  const isOutside = mtime < 0 || mtime >= 2 * two33 || ctime < 0 || ctime >= 2 * two33;
  const device = deviceWord(file.devMajor, file.devMinor);
  if (isOutside || device < 0) return false;
  words[at] = device;
  words[at + 1] = file.inoLow;
  words[at + 2] = file.inoHigh;
  words[at + 3] = file.size % two32;
  words[at + 4] = file.size / two32;
  words[at + 5] = mtime % two32;
  words[at + 6] = ((mtime / two32) << 30) | file.mtimeNanos;
  words[at + 7] = ctime % two32;
  words[at + 8] = ((ctime / two32) << 30) | file.ctimeNanos;
  return true;
}

/** The word of a device; -1 = there is no room for its numbers. */
export function deviceWord(devMajor: number, devMinor: number): number {
  if (devMajor > devMajorMax || devMinor > devMinorMax) return -1;
  return ((devMajor << 20) | devMinor) >>> 0;
}

/** Says whether the entry at `at` is about this state of a file. */
export function hasState(words: Uint32Array, at: number, device: number, file: FileState): boolean {
  const mtimeWord = words[at + 6] as number;
  const ctimeWord = words[at + 8] as number;
  return (
    words[at + 1] === file.inoLow &&
    words[at + 2] === file.inoHigh &&
    words[at] === device &&
    (words[at + 7] as number) + (ctimeWord >>> 30) * two32 - two33 === file.ctime &&
    (ctimeWord & nanosMask) === file.ctimeNanos &&
    (words[at + 3] as number) + (words[at + 4] as number) * two32 === file.size &&
    (words[at + 5] as number) + (mtimeWord >>> 30) * two32 - two33 === file.mtime &&
    (mtimeWord & nanosMask) === file.mtimeNanos
  );
}

/** Completes the entry at `at`, all other words of which are written. */
export function seal(words: Uint32Array, at: number): void {
  words[at + checkWord] = checksum(words, at);
}

/** Says whether the entry at `at` is as it was sealed. */
export function isSealed(words: Uint32Array, at: number): boolean {
  return words[at + checkWord] === checksum(words, at);
}

function checksum(words: Uint32Array, at: number): number {
  let sum = 0x6d616e69;
  for (let word = 0; word < checkWord; word++) {
    sum = Math.imul(sum ^ (words[at + word] as number), 0x9e3779b1);
    sum ^= sum >>> 15;
  }
  return mixed(sum);
}

/** The inode in one word: on one device those below 2^32 all have another one. */
export function inodePrint(device: number, inoLow: number, inoHigh: number): number {
  return (inoLow + Math.imul(inoHigh, 0x85ebca6b) + Math.imul(device, 0xc2b2ae35)) >>> 0;
}

/** The end of MurmurHash3 (public domain, Austin Appleby): every bit of the sum changes half of the result. */
export function mixed(sum: number): number {
  let hash = sum;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Days for which a digest holds at least, and days among which its end is spread: rot on the disk is found after at most two months. */
const daysMin = 30;
const daysSpread = 30;

/** Says whether an entry that was made on that day may still be believed. */
export function isInDate(day: number, today: number, print: number): boolean {
  const age = today - day;
  return age >= 0 && (age < daysMin || age < daysMin + (mixed(print) % daysSpread));
}
