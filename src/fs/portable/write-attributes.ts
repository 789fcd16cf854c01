// Setting permissions, owners and times by node:fs.
//
// Times have traps (measured with Node 20): a negative number means "now"; numbers and
// numeric strings are cut towards zero at the microsecond, so that of 3,000 random times 70 came out a microsecond
// off, all of those before 1970. A string half a microsecond further from zero comes out exact.

import {
  type BigIntStats,
  chmodSync,
  chownSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  futimesSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  openSync,
  utimesSync,
} from "node:fs";
import { type ByteString, errno } from "../../base/index.ts";
import { type DirHandle, type FileHandle, omitTime } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { perform, release } from "./perform.ts";
import { entryPath, O_PATH, type Pins } from "./pins.ts";
import { checkName } from "./walk.ts";

/** Not on every platform. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/** FileSystem.setMode. chmod(2) follows links, so the entry is pinned and looked at first. */
export function setMode(pins: Pins, dir: DirHandle, name: ByteString, mode: number): void {
  checkName(name, "chmod");
  const path = entryPath(pins, dir, name);
  const refuseLink = (isLink: boolean): void => {
    if (isLink) throw new FsError(errno.EOPNOTSUPP, "chmod", name);
  };
  if (!pins.confined) {
    const stats = perform("chmod", name, () => lstatSync(path, { bigint: true }));
    refuseLink(stats.isSymbolicLink());
    const entry = openAgain(path, stats);
    if (entry === undefined) perform("chmod", name, () => chmodSync(path, mode));
    else changeOpened(entry, name, stats, mode);
    return;
  }
  const entry = perform("chmod", name, () => openSync(path, O_PATH | O_NOFOLLOW));
  try {
    refuseLink(perform("chmod", name, () => fstatSync(entry)).isSymbolicLink());
    perform("chmod", name, () => chmodSync(`/proc/self/fd/${entry}`, mode));
  } finally {
    release(entry);
  }
}

/** Opens an entry that was looked at; undefined where it may not be read or opening it could do harm (devices). */
function openAgain(path: Buffer, stats: BigIntStats): number | undefined {
  if (!stats.isFile() && !stats.isDirectory()) return undefined;
  try {
    return openSync(path, constants.O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined; // Whatever the reason is, chmod by path meets it too and tells.
  }
}

/** Sets the mode of an open entry and closes it; ESTALE when it is not the one that was looked at. */
function changeOpened(entry: number, name: ByteString, seen: BigIntStats, mode: number): void {
  try {
    const { dev, ino } = perform("chmod", name, () => fstatSync(entry, { bigint: true }));
    if (dev !== seen.dev || ino !== seen.ino) throw new FsError(errno.ESTALE, "chmod", name);
    perform("chmod", name, () => fchmodSync(entry, mode));
  } finally {
    release(entry);
  }
}

/** FileSystem.setFileMode. */
export function setFileMode(file: FileHandle, mode: number): void {
  perform("chmod", "", () => fchmodSync(file, mode));
}

/** FileSystem.setDirectoryMode. */
export function setDirectoryMode(pins: Pins, dir: DirHandle, mode: number): void {
  const path = Buffer.from(pins.self(dir), "latin1");
  perform("chmod", "", () => chmodSync(path, mode));
}

/** FileSystem.setOwner. */
export function setOwner(
  pins: Pins,
  dir: DirHandle,
  name: ByteString,
  { uid, gid }: { uid: number; gid: number },
): void {
  checkName(name, "chown");
  const path = entryPath(pins, dir, name);
  perform("chown", name, () => lchownSync(path, uid, gid));
}

/** FileSystem.setFileOwner. */
export function setFileOwner(file: FileHandle, uid: number, gid: number): void {
  perform("chown", "", () => fchownSync(file, uid, gid));
}

/** FileSystem.setDirectoryOwner. */
export function setDirectoryOwner(pins: Pins, dir: DirHandle, uid: number, gid: number): void {
  const path = Buffer.from(pins.self(dir), "latin1");
  perform("chown", "", () => chownSync(path, uid, gid));
}

/** Access and modification time; nanoseconds omitTime leaves one as it is. */
export interface Times {
  readonly atime: number;
  readonly atimeNanos: number;
  readonly mtime: number;
  readonly mtimeNanos: number;
}

/** FileSystem.setTimes. */
export function setTimes(pins: Pins, dir: DirHandle, name: ByteString, times: Times): void {
  checkName(name, "utimes");
  const path = entryPath(pins, dir, name);
  apply(name, times, {
    stat: () => lstatSync(path, { bigint: true }),
    set: (atime, mtime) => lutimesSync(path, atime, mtime),
  });
}

/** FileSystem.setFileTimes. */
export function setFileTimes(file: FileHandle, times: Times): void {
  apply("", times, {
    stat: () => fstatSync(file, { bigint: true }),
    set: (atime, mtime) => futimesSync(file, atime, mtime),
  });
}

/** FileSystem.setDirectoryTimes. */
export function setDirectoryTimes(pins: Pins, dir: DirHandle, times: Times): void {
  const path = Buffer.from(pins.self(dir), "latin1");
  apply("", times, {
    stat: () => pins.stat(dir),
    set: (atime, mtime) => utimesSync(path, atime, mtime),
  });
}

interface Timed {
  stat(): BigIntStats;
  set(atime: string, mtime: string): void;
}

/** A time that is left alone is read and set again, which costs its nanoseconds. */
function apply(name: ByteString, times: Times, { stat, set }: Timed): void {
  const { atime, atimeNanos, mtime, mtimeNanos } = times;
  const keepsAtime = atimeNanos === omitTime;
  const keepsMtime = mtimeNanos === omitTime;
  if (keepsAtime && keepsMtime) return;
  checkNanos(atimeNanos, name);
  checkNanos(mtimeNanos, name);
  const old = keepsAtime || keepsMtime ? perform("utimes", name, stat) : undefined;
  const atimeText =
    old !== undefined && keepsAtime ? textOfBig(old.atimeNs) : textOf(atime, atimeNanos);
  const mtimeText =
    old !== undefined && keepsMtime ? textOfBig(old.mtimeNs) : textOf(mtime, mtimeNanos);
  perform("utimes", name, () => set(atimeText, mtimeText));
}

function checkNanos(nanos: number, name: ByteString): void {
  if (nanos === omitTime || (nanos >= 0 && nanos < 1_000_000_000)) return;
  throw new FsError(errno.EINVAL, "utimes", name);
}

function textOfBig(nanoseconds: bigint): string {
  const second = 1_000_000_000n;
  const rest = ((nanoseconds % second) + second) % second;
  return textOf(Number((nanoseconds - rest) / second), Number(rest));
}

/** Seconds from which on (the year 2242) a double has no room for microseconds. */
const exactSecondsMax = 2 ** 33;

/** The text that node:fs turns into these whole microseconds; into whole seconds where it would get them wrong. */
function textOf(seconds: number, nanos: number): string {
  const microseconds = Math.floor(nanos / 1000);
  if (microseconds === 0 || Math.abs(seconds) >= exactSecondsMax) return String(seconds);
  return String(seconds + (microseconds + (seconds < 0 ? -0.5 : 0.5)) / 1_000_000);
}
