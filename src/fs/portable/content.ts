// Opening files, and reading and writing their bytes, by node:fs.

import { constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { assert, type ByteString, errno } from "../../base/index.ts";
import { isDevice, isRegular } from "../../tree/index.ts";
import type { DirHandle, FileHandle, Follow } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { perform, release } from "./perform.ts";
import { entryPath, type Pins } from "./pins.ts";
import { checkName, openBeneath } from "./walk.ts";

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL } = constants;
/** Not on every platform. O_NONBLOCK keeps a pipe without a writer from blocking us. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOATIME = 0 } = constants as Partial<typeof constants>;

/** FileSystem.openRead. */
export function openRead(
  pins: Pins,
  dir: DirHandle,
  name: ByteString,
  { noAtime = false, follow = "none" }: { noAtime?: boolean; follow?: Follow } = {},
): FileHandle {
  checkName(name, "open");
  if (noAtime) {
    try {
      return open(pins, dir, name, { flags: O_RDONLY | O_NONBLOCK | O_NOATIME, follow });
    } catch (error) {
      // Only a file's owner may ask for that.
      if (!(error instanceof FsError && error.errno === errno.EPERM)) throw error;
    }
  }
  return open(pins, dir, name, { flags: O_RDONLY | O_NONBLOCK, follow });
}

function open(
  pins: Pins,
  dir: DirHandle,
  name: ByteString,
  { flags, follow }: { flags: number; follow: Follow },
): FileHandle {
  const openAt = (here: DirHandle, last: ByteString, also: number): FileHandle =>
    perform("open", name, () => openSync(entryPath(pins, here, last), flags | also));
  if (follow === "none") return openAt(dir, name, O_NOFOLLOW);
  if (follow !== "beneath") return openAt(dir, name, 0);
  return openBeneath(pins, dir, name, (here, last) => openAt(here, last, O_NOFOLLOW));
}

/** FileSystem.createFile. */
export function createFile(pins: Pins, dir: DirHandle, name: ByteString, mode: number): FileHandle {
  checkName(name, "open");
  const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
  return perform("open", name, () => openSync(entryPath(pins, dir, name), flags, mode));
}

/** FileSystem.openWrite. */
export function openWrite(
  pins: Pins,
  dir: DirHandle,
  name: ByteString,
  devices: boolean,
): FileHandle {
  checkName(name, "open");
  const file = open(pins, dir, name, { flags: O_RDWR | O_NONBLOCK, follow: "none" });
  try {
    const { mode } = perform("fstat", name, () => fstatSync(file));
    if (isRegular(mode) || (devices && isDevice(mode))) return file;
  } catch (error) {
    release(file);
    throw error;
  }
  release(file);
  throw new FsError(errno.EINVAL, "open", name);
}

/** FileSystem.read. */
export function read(
  file: FileHandle,
  into: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  checkRange(into, offset, length);
  if (length === 0) return 0;
  return perform("read", "", () => readSync(file, into, offset, length, position));
}

/** FileSystem.write. */
export function write(
  file: FileHandle,
  from: Uint8Array,
  offset: number,
  length: number,
  position: number,
): void {
  checkRange(from, offset, length);
  for (let done = 0; done < length; ) {
    const count = perform("write", "", () =>
      writeSync(file, from, offset + done, length - done, position + done),
    );
    // A device that takes nothing and says nothing would keep us here for ever.
    if (count === 0) throw new FsError(errno.EIO, "write", "");
    done += count;
  }
}

function checkRange(bytes: Uint8Array, offset: number, length: number): void {
  const inside = offset >= 0 && length >= 0 && offset + length <= bytes.length;
  assert(inside, "Bytes that are read or written stay inside their buffer.");
}
