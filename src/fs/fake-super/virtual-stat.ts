// The attributes that a file only pretends to have, as text in an extended attribute: rsync's
// format "MODE MAJOR,MINOR UID:GID" (mode octal with the type, the rest decimal).

import { type ByteString, errno } from "../../base/index.ts";
import { isDirectory, permissionMask, typeMask } from "../../tree/index.ts";
import type { DirHandle, FileSystem, Stat } from "../file-system.ts";
import { FsError } from "../fs-error.ts";

/** The attribute that holds them. */
export const statAttribute = "user.rsync.%stat";

/** What is pretended. */
export interface VirtualStat {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdevMajor: number;
  readonly rdevMinor: number;
}

const accessBits = 0o777;
const form = /^\s*([0-7]+)\s+(-?\d+),(-?\d+)\s+(-?\d+):(-?\d+)/;

/**
 * Reads what the entry pretends; undefined = nothing, or its attributes cannot be read. `name` "" is the directory
 * itself. Throws FsError (EIO) when the attribute is there and makes no sense.
 */
export function readVirtual(
  inner: FileSystem,
  dir: DirHandle,
  name: ByteString,
): VirtualStat | undefined {
  let value: Uint8Array | undefined;
  try {
    value = inner.getXattr(dir, name, statAttribute);
  } catch (error) {
    if (!(error instanceof FsError) || error.code === "ENOENT") throw error;
    return undefined;
  }
  if (value === undefined) return undefined;
  const match = form.exec(Buffer.from(value).toString("latin1"));
  if (match === null) throw new FsError(errno.EIO, "getxattr", name);
  const number = (group: number): number => Number.parseInt(match[group] as string, 10) >>> 0;
  return {
    mode: Number.parseInt(match[1] as string, 8) & 0xffff,
    rdevMajor: number(2),
    rdevMinor: number(3),
    uid: number(4),
    gid: number(5),
  };
}

/** Puts what is pretended in the place of what is. */
export function overlay(into: Stat, virtual: VirtualStat): void {
  into.mode = virtual.mode;
  into.uid = virtual.uid;
  into.gid = virtual.gid;
  into.rdevMajor = virtual.rdevMajor;
  into.rdevMinor = virtual.rdevMinor;
}

/** The mode that the real file gets: permissions without the special bits, and never closed to its owner. */
export function realMode(realType: number, mode: number): number {
  return realType | (mode & accessBits) | (isDirectory(realType) ? 0o700 : 0o600);
}

/**
 * Makes the entry pretend. `real` is how it is, `before` what it has pretended so far. What it really is needs no
 * attribute. Throws FsError.
 */
export function writeVirtual(
  inner: FileSystem,
  at: { readonly dir: DirHandle; readonly name: ByteString },
  real: Stat,
  before: VirtualStat | undefined,
  wanted: VirtualStat,
): void {
  const { dir, name } = at;
  const mode = realMode(real.mode & typeMask, wanted.mode);
  if (real.mode !== mode) {
    if (name === "") inner.setDirectoryMode(dir, mode & permissionMask);
    else inner.setMode(dir, name, mode & permissionMask);
  }
  const isReal =
    mode === wanted.mode &&
    wanted.rdevMajor === 0 &&
    wanted.rdevMinor === 0 &&
    wanted.uid === real.uid &&
    wanted.gid === real.gid;
  if (isReal) {
    if (before !== undefined) inner.removeXattr(dir, name, statAttribute);
  } else if (before === undefined || !same(before, wanted)) {
    inner.setXattr(dir, name, statAttribute, Buffer.from(format(wanted), "latin1"));
  }
}

function format({ mode, rdevMajor, rdevMinor, uid, gid }: VirtualStat): string {
  return `${mode.toString(8)} ${rdevMajor},${rdevMinor} ${uid}:${gid}`;
}

function same(a: VirtualStat, b: VirtualStat): boolean {
  return (
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.rdevMajor === b.rdevMajor &&
    a.rdevMinor === b.rdevMinor
  );
}
