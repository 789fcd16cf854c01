// The target's door of a run whose source is elsewhere: files of the source that have arrived lie in
// memory and can be read and copied from like files of this machine, so that whoever writes the
// target need not know where they come from.

import { type FileHandle, type FileSystem, FsError, passThrough } from "../../fs/index.ts";
import { typeRegular } from "../../tree/index.ts";

/** A file of the source, as it arrives. */
export interface ArrivedFile {
  readonly size: number;
  readonly mtime: number;
  readonly mtimeNanos: number;
  /** Gives a view of what there is from `position` on: at least a byte, but none at the end. Throws FsError. */
  at(position: number): Uint8Array;
  /** Nothing more of it is wanted. */
  close?(): void;
}

/** Handles of arrived files; the machine's are small numbers. */
const handlesFrom = 2 ** 30;

/** Such a door. */
export interface FarDoor extends FileSystem {
  /** Returns a handle of the file, which reads like any other until it is closed. */
  openArrived(file: ArrivedFile): FileHandle;
}

/** Returns the door around the target's. */
export function farDoor(inner: FileSystem): FarDoor {
  const files = new Map<FileHandle, ArrivedFile>();
  let next = handlesFrom;
  const own: Pick<
    FarDoor,
    | "openArrived"
    | "read"
    | "copyRange"
    | "clone"
    | "statFile"
    | "closeFile"
    | "seekData"
    | "seekHole"
  > = {
    openArrived: (file) => {
      files.set(next, file);
      return next++;
    },
    read: (handle, into, offset, length, position) => {
      if (handle < handlesFrom) return inner.read(handle, into, offset, length, position);
      const bytes = arrived(files, handle).at(position);
      const got = Math.min(length, bytes.length);
      into.set(bytes.subarray(0, got), offset);
      return got;
    },
    copyRange: (from, fromPosition, to, toPosition, length) => {
      if (from < handlesFrom) {
        return inner.copyRange(from, fromPosition, to, toPosition, length);
      }
      const bytes = arrived(files, from).at(fromPosition);
      const got = Math.min(length, bytes.length);
      if (got > 0) inner.write(to, bytes, 0, got, toPosition);
      return got;
    },
    clone: (from, to) => from < handlesFrom && inner.clone(from, to),
    statFile: (handle, into) => {
      if (handle < handlesFrom) {
        inner.statFile(handle, into);
        return;
      }
      const { size, mtime, mtimeNanos } = arrived(files, handle);
      Object.assign(into, { mode: typeRegular | 0o600, size, mtime, mtimeNanos, nlink: 1 });
    },
    closeFile: (handle) => {
      if (handle < handlesFrom) {
        inner.closeFile(handle);
        return;
      }
      arrived(files, handle).close?.();
      files.delete(handle);
    },
    seekData: (handle, offset) => {
      if (handle < handlesFrom) return inner.seekData(handle, offset);
      return offset < arrived(files, handle).size ? offset : -1;
    },
    seekHole: (handle, offset) => {
      if (handle < handlesFrom) return inner.seekHole(handle, offset);
      return arrived(files, handle).size;
    },
  };
  const { kind, abilities } = inner;
  // What a door does for many files in one go would go past the files that have arrived.
  const {
    copyNewFiles: _c,
    compareFiles: _d,
    copiesThroughMemory: _m,
    ...single
  } = passThrough(inner);
  return { ...single, ...own, kind, abilities };
}

function arrived(files: ReadonlyMap<FileHandle, ArrivedFile>, handle: FileHandle): ArrivedFile {
  const file = files.get(handle);
  if (file === undefined) throw new FsError(9, "read", "");
  return file;
}
