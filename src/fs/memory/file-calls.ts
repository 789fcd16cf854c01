// The memory door's operations on open files.

import { assert, type ByteString, errno } from "../../base/index.ts";
import {
  isDevice,
  isDirectory,
  isRegular,
  isSymlink,
  typeBlock,
  typeFifo,
  typeMask,
  typeRegular,
  typeSocket,
} from "../../tree/index.ts";
import type { DirHandle, FileHandle, FileSystem, Follow } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { Content, pageBytes } from "./content.ts";
import type { Inode } from "./inode.ts";
import { addInode } from "./name-calls.ts";
import { lookUp, need } from "./names.ts";
import { checkAccess, checkWritable, mayRead, mayWrite, withoutSetId } from "./permission.ts";
import { resolve } from "./resolve.ts";
import type { MemoryState } from "./state.ts";

/** The part of the interface that this file serves. */
export type FileCalls = Pick<
  FileSystem,
  | "openRead"
  | "createFile"
  | "openWrite"
  | "closeFile"
  | "read"
  | "write"
  | "truncate"
  | "deviceSize"
  | "allocate"
  | "punchHole"
  | "seekData"
  | "seekHole"
  | "copyRange"
  | "clone"
  | "syncFile"
>;

/** Returns the operations on files. */
export function fileCalls(state: MemoryState): FileCalls {
  return {
    openRead: (dir, name, options) => openRead(state, dir, name, options),
    createFile: (dir, name, mode) => {
      const directory = state.directory(dir, "open");
      state.checkHandles();
      const inode = addInode(state, directory, name, {
        mode: typeRegular | mode,
        operation: "open",
      });
      return state.openFile({ inode, writable: true, keepsAtime: false });
    },
    openWrite: (dir, name, devices = false) => openWrite(state, dir, name, devices),
    closeFile: (file) => {
      state.file(file, "close");
      state.close(file);
    },
    read: (file, into, offset, length, position) => {
      const { inode, keepsAtime } = state.file(file, "read");
      checkRange(into, offset, length);
      if (isDirectory(inode.mode)) throw new FsError(errno.EISDIR, "read", "");
      if (inode.content === undefined) return 0;
      if (!keepsAtime && !inode.volume.readOnly) state.clock.stampAccess(inode);
      return inode.content.read(into, offset, length, position);
    },
    write: (file, from, offset, length, position) => {
      const inode = writableInode(state, file, "write");
      checkRange(from, offset, length);
      const done = contentOf(inode).write(from, offset, length, position, inode.volume);
      if (done > 0) stampWrite(state, inode);
      if (done < length) throw new FsError(errno.ENOSPC, "write", "");
    },
    truncate: (file, size) => {
      // Not EBADF: ftruncate(2) is odd there.
      if (!state.file(file, "ftruncate").writable) throw new FsError(errno.EINVAL, "ftruncate", "");
      const inode = writableInode(state, file, "ftruncate");
      contentOf(inode).truncate(size, inode.volume);
      stampWrite(state, inode);
    },
    deviceSize: (file) => {
      const { inode } = state.file(file, "lseek");
      return (inode.mode & typeMask) === typeBlock ? (inode.content?.size ?? 0) : 0;
    },
    ...rangeCalls(state),
    syncFile: (file) => {
      state.file(file, "fsync");
    },
  };
}

function rangeCalls(
  state: MemoryState,
): Pick<FileSystem, "allocate" | "punchHole" | "seekData" | "seekHole" | "copyRange" | "clone"> {
  const { holes, kernelCopy } = state.abilities;
  return {
    allocate: (file, offset, length) => {
      const inode = writableInode(state, file, "fallocate");
      if (!holes) return false;
      if (!contentOf(inode).reserve(offset, length, inode.volume)) {
        throw new FsError(errno.ENOSPC, "fallocate", "");
      }
      state.clock.stampChange(inode);
      return true;
    },
    punchHole: (file, offset, length) => {
      const inode = writableInode(state, file, "fallocate");
      if (!holes) return false;
      contentOf(inode).punch(offset, length, inode.volume);
      stampWrite(state, inode);
      return true;
    },
    seekData: (file, offset) => {
      const content = contentOf(state.file(file, "lseek").inode);
      return holes ? content.seekData(offset) : offset;
    },
    seekHole: (file, offset) => {
      const content = contentOf(state.file(file, "lseek").inode);
      return holes ? content.seekHole(offset) : Math.max(offset, content.size);
    },
    copyRange: (from, fromPosition, to, toPosition, length) => {
      const source = contentOf(state.file(from, "copy_file_range").inode);
      const inode = writableInode(state, to, "copy_file_range");
      if (!kernelCopy) return -1;
      const buffer = new Uint8Array(Math.max(0, Math.min(length, source.size - fromPosition)));
      source.read(buffer, 0, buffer.length, fromPosition);
      const done = contentOf(inode).write(buffer, 0, buffer.length, toPosition, inode.volume);
      if (done > 0) stampWrite(state, inode);
      if (done === 0 && buffer.length > 0) throw new FsError(errno.ENOSPC, "copy_file_range", "");
      return done;
    },
    clone: (from, to) => {
      const source = contentOf(state.file(from, "ioctl").inode);
      const inode = writableInode(state, to, "ioctl");
      if (!kernelCopy || state.file(from, "ioctl").inode.volume !== inode.volume) return false;
      cloneContent(source, inode);
      stampWrite(state, inode);
      return true;
    },
  };
}

/** Copies page by page what is data, so that holes stay holes; a clone beyond the quota is ENOSPC. */
function cloneContent(source: Content, inode: Inode): void {
  const content = contentOf(inode);
  content.truncate(0, inode.volume);
  const buffer = new Uint8Array(pageBytes);
  for (let at = source.seekData(0); at >= 0; at = source.seekData(at)) {
    const count = source.read(buffer, 0, pageBytes, at);
    if (content.write(buffer, 0, count, at, inode.volume) < count) {
      throw new FsError(errno.ENOSPC, "ioctl", "");
    }
    at += count;
  }
  content.truncate(source.size, inode.volume);
}

function openRead(
  state: MemoryState,
  dir: DirHandle,
  name: ByteString,
  { noAtime = false, follow = "none" }: { noAtime?: boolean; follow?: Follow } = {},
): FileHandle {
  const directory = state.directory(dir, "open");
  let inode = need(state, directory, name, "open");
  if (isSymlink(inode.mode)) {
    inode = resolve(state, directory, { path: name, follow, operation: "open" });
  }
  checkAccess(state, inode, mayRead, { operation: "open", name });
  if ((inode.mode & typeMask) === typeSocket) throw new FsError(errno.ENXIO, "open", name);
  // Only the owner may ask for that; others silently do not get it.
  const keepsAtime = noAtime && (state.user.uid === 0 || state.user.uid === inode.uid);
  return state.openFile({ inode, writable: false, keepsAtime });
}

function openWrite(
  state: MemoryState,
  dir: DirHandle,
  name: ByteString,
  devices: boolean,
): FileHandle {
  const inode = lookUp(state, state.directory(dir, "open"), name, "open");
  if (inode === undefined) throw new FsError(errno.ENOENT, "open", name);
  if (isSymlink(inode.mode)) throw new FsError(errno.ELOOP, "open", name);
  if (isDirectory(inode.mode)) throw new FsError(errno.EISDIR, "open", name);
  checkWritable(inode, { operation: "open", name });
  checkAccess(state, inode, mayRead | mayWrite, { operation: "open", name });
  if ((inode.mode & typeMask) === typeSocket) throw new FsError(errno.ENXIO, "open", name);
  const writable = isRegular(inode.mode) || (devices && isDevice(inode.mode));
  if (!writable) throw new FsError(errno.EINVAL, "open", name);
  // A device keeps what is written to it, and is as large as that.
  inode.content ??= new Content();
  return state.openFile({ inode, writable: true, keepsAtime: false });
}

function writableInode(state: MemoryState, file: FileHandle, operation: string): Inode {
  const { inode, writable } = state.file(file, operation);
  if ((inode.mode & typeMask) === typeFifo) throw new FsError(errno.ESPIPE, operation, "");
  if (!writable) throw new FsError(errno.EBADF, operation, "");
  checkWritable(inode, { operation, name: "" });
  return inode;
}

function checkRange(bytes: Uint8Array, offset: number, length: number): void {
  const inside = offset >= 0 && length >= 0 && offset + length <= bytes.length;
  assert(inside, "Bytes that are read or written stay inside their buffer.");
}

function contentOf(inode: Inode): Content {
  if (inode.content === undefined) throw new FsError(errno.EINVAL, "open", "");
  return inode.content;
}

function stampWrite(state: MemoryState, inode: Inode): void {
  if (state.user.uid !== 0) inode.mode = withoutSetId(inode.mode);
  state.clock.stampContent(inode);
}
