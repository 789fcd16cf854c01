// Reading attributes by node:fs, as 64-bit numbers: the others lose inode numbers and nanoseconds.

import { type BigIntStats, fstatSync, lstatSync, statSync } from "node:fs";
import { type ByteString, errno } from "../../base/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { DirHandle, FileHandle, Stat } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { errnoOf, perform } from "./perform.ts";
import { entryPath, type Pins } from "./pins.ts";
import { checkName } from "./walk.ts";

const quiet = { bigint: true, throwIfNoEntry: false } as const;
const second = 1_000_000_000n;

/** The columns of a listing, and the fields of a Stat, that hold a time. */
const times = ["mtime", "ctime", "atime", "crtime"] as const;
const timeSources = {
  mtime: "mtimeNs",
  ctime: "ctimeNs",
  atime: "atimeNs",
  crtime: "birthtimeNs",
} as const;

/** FileSystem.statEntries. */
export function statEntries(
  pins: Pins,
  dir: DirHandle,
  listing: Directory,
  range: { readonly from: number; readonly to: number; readonly follow: boolean },
): void {
  const read = range.follow ? statSync : lstatSync;
  const above = pins.self(dir);
  for (let i = range.from; i < range.to; i++) {
    try {
      const stats = read(Buffer.from(`${above}/${listing.name(i)}`, "latin1"), quiet);
      if (stats === undefined) setProblem(listing, i, errno.ENOENT);
      else if (!isExact(stats)) setProblem(listing, i, errno.EOVERFLOW);
      else fillColumns(stats, listing, i);
    } catch (error) {
      const number = errnoOf(error);
      if (number === undefined) throw error;
      setProblem(listing, i, number);
    }
  }
}

function setProblem(listing: Directory, index: number, problem: number): void {
  listing.mode[index] = 0;
  listing.problem[index] = problem;
}

/** FileSystem.stat. */
export function stat(
  pins: Pins,
  dir: DirHandle,
  name: ByteString,
  { into, follow }: { readonly into: Stat; readonly follow: boolean },
): boolean {
  checkName(name, "stat");
  const path = entryPath(pins, dir, name);
  let stats: BigIntStats | undefined;
  try {
    stats = perform("stat", name, () => (follow ? statSync : lstatSync)(path, quiet));
  } catch (error) {
    if (error instanceof FsError && error.errno === errno.ENOTDIR) return false;
    throw error;
  }
  if (stats === undefined) return false;
  fillStat(stats, into, name);
  return true;
}

/** FileSystem.statFile. */
export function statFile(file: FileHandle, into: Stat): void {
  fillStat(
    perform("fstat", "", () => fstatSync(file, { bigint: true })),
    into,
    "",
  );
}

/** The attributes of an entry itself; undefined when there is none. */
export function look(
  pins: Pins,
  dir: DirHandle,
  name: ByteString,
  operation: string,
): BigIntStats | undefined {
  return perform(operation, name, () => lstatSync(entryPath(pins, dir, name), quiet));
}

/** Sizes from 2^53 on are not exact as numbers and are refused. */
function isExact(stats: BigIntStats): boolean {
  return stats.size <= Number.MAX_SAFE_INTEGER;
}

/** Fills a Stat; EOVERFLOW for a size that is not exact. */
export function fillStat(stats: BigIntStats, into: Stat, name: ByteString): void {
  if (!isExact(stats)) throw new FsError(errno.EOVERFLOW, "stat", name);
  into.mode = Number(stats.mode);
  into.size = Number(stats.size);
  into.blocks = Number(stats.blocks);
  into.uid = Number(stats.uid);
  into.gid = Number(stats.gid);
  into.nlink = Number(stats.nlink);
  into.devMajor = majorOf(stats.dev);
  into.devMinor = minorOf(stats.dev);
  into.inoHigh = Number(stats.ino >> 32n);
  into.inoLow = Number(stats.ino & 0xffff_ffffn);
  into.rdevMajor = majorOf(stats.rdev);
  into.rdevMinor = minorOf(stats.rdev);
  for (const time of times) {
    const nanoseconds = stats[timeSources[time]];
    into[time] = secondsOf(nanoseconds);
    into[`${time}Nanos`] = nanosOf(nanoseconds);
  }
}

function fillColumns(stats: BigIntStats, listing: Directory, index: number): void {
  listing.problem[index] = 0;
  listing.mode[index] = Number(stats.mode);
  listing.size[index] = Number(stats.size);
  listing.blocks[index] = Number(stats.blocks);
  listing.uid[index] = Number(stats.uid);
  listing.gid[index] = Number(stats.gid);
  listing.nlink[index] = Number(stats.nlink);
  listing.devMajor[index] = majorOf(stats.dev);
  listing.devMinor[index] = minorOf(stats.dev);
  listing.inoHigh[index] = Number(stats.ino >> 32n);
  listing.inoLow[index] = Number(stats.ino & 0xffff_ffffn);
  listing.rdevMajor[index] = majorOf(stats.rdev);
  listing.rdevMinor[index] = minorOf(stats.rdev);
  for (const time of times) {
    const nanoseconds = stats[timeSources[time]];
    listing[time][index] = secondsOf(nanoseconds);
    listing[`${time}Nanos`][index] = nanosOf(nanoseconds);
  }
}

// The parts of a device number lie as makedev(3) of the C library puts them.
function majorOf(device: bigint): number {
  return Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xffff_f000n));
}

function minorOf(device: bigint): number {
  return Number((device & 0xffn) | ((device >> 12n) & 0xffff_ff00n));
}

function secondsOf(nanoseconds: bigint): number {
  const towardsZero = nanoseconds / second;
  const before1970 = nanoseconds < 0n && towardsZero * second !== nanoseconds;
  return Number(before1970 ? towardsZero - 1n : towardsZero);
}

function nanosOf(nanoseconds: bigint): number {
  const rest = nanoseconds % second;
  return Number(rest < 0n ? rest + second : rest);
}
