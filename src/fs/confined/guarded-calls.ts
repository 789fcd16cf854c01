// The calls of a door that are about a name, and follow no link: asked first whether the name may be known.

import type { ByteString } from "../../base/index.ts";
import type { DirHandle, FileSystem } from "../file-system.ts";

/** Who knows which names are hidden. */
export interface NameGuard {
  /** Throws FsError for a hidden name: it is not there. */
  refuseAbsent(dir: DirHandle, name: ByteString): void;
  /** Throws FsError for a directory whose name is hidden. */
  refuseSelf(dir: DirHandle): void;
  /** Throws FsError when an entry of this name may not be made. */
  refuseNew(dir: DirHandle, name: ByteString, isDirectory: boolean): void;
  /** Throws FsError when an entry may not get that name. */
  refuseMove(dir: DirHandle, name: ByteString, toDir: DirHandle, toName: ByteString): void;
}

/** Every call of this kind but those that look or read, which may follow links. */
type Guarded =
  | "readLink"
  | "createFile"
  | "openWrite"
  | "makeDirectory"
  | "makeSymlink"
  | "makeNode"
  | "link"
  | "rename"
  | "unlink"
  | "removeDirectory"
  | "setMode"
  | "setOwner"
  | "setTimes"
  | "setDirectoryMode"
  | "setDirectoryOwner"
  | "setDirectoryTimes"
  | "listXattrs"
  | "getXattr"
  | "setXattr"
  | "removeXattr";

/** Returns the door's calls with the guard before them. */
export function guardedCalls(door: FileSystem, guard: NameGuard): Pick<FileSystem, Guarded> {
  return {
    readLink: there(guard, (...asked) => door.readLink(...asked)),
    openWrite: there(guard, (...asked) => door.openWrite(...asked)),
    unlink: there(guard, (...asked) => door.unlink(...asked)),
    removeDirectory: there(guard, (...asked) => door.removeDirectory(...asked)),
    setMode: there(guard, (...asked) => door.setMode(...asked)),
    setOwner: there(guard, (...asked) => door.setOwner(...asked)),
    setTimes: there(guard, (...asked) => door.setTimes(...asked)),
    setDirectoryMode: self(guard, (...asked) => door.setDirectoryMode(...asked)),
    setDirectoryOwner: self(guard, (...asked) => door.setDirectoryOwner(...asked)),
    setDirectoryTimes: self(guard, (...asked) => door.setDirectoryTimes(...asked)),
    listXattrs: there(guard, (...asked) => door.listXattrs(...asked)),
    getXattr: there(guard, (...asked) => door.getXattr(...asked)),
    setXattr: there(guard, (...asked) => door.setXattr(...asked)),
    removeXattr: there(guard, (...asked) => door.removeXattr(...asked)),
    createFile: fresh(guard, false, (...asked) => door.createFile(...asked)),
    makeDirectory: fresh(guard, true, (...asked) => door.makeDirectory(...asked)),
    makeSymlink: fresh(guard, false, (...asked) => door.makeSymlink(...asked)),
    makeNode: fresh(guard, false, (...asked) => door.makeNode(...asked)),
    link: (dir, name, toDir, toName) => {
      guard.refuseAbsent(dir, name);
      guard.refuseNew(toDir, toName, false);
      door.link(dir, name, toDir, toName);
    },
    rename: (dir, name, toDir, toName, mode) => {
      guard.refuseAbsent(dir, name);
      guard.refuseMove(dir, name, toDir, toName);
      door.rename(dir, name, toDir, toName, mode);
    },
  };
}

type Call<Rest extends unknown[], Result> = (
  dir: DirHandle,
  name: ByteString,
  ...rest: Rest
) => Result;

function there<Rest extends unknown[], Result>(
  guard: NameGuard,
  call: Call<Rest, Result>,
): Call<Rest, Result> {
  return (dir, name, ...rest) => {
    guard.refuseAbsent(dir, name);
    return call(dir, name, ...rest);
  };
}

function self<Rest extends unknown[], Result>(
  guard: NameGuard,
  call: (dir: DirHandle, ...rest: Rest) => Result,
): (dir: DirHandle, ...rest: Rest) => Result {
  return (dir, ...rest) => {
    guard.refuseSelf(dir);
    return call(dir, ...rest);
  };
}

function fresh<Rest extends unknown[], Result>(
  guard: NameGuard,
  isDirectory: boolean,
  call: Call<Rest, Result>,
): Call<Rest, Result> {
  return (dir, name, ...rest) => {
    guard.refuseNew(dir, name, isDirectory);
    return call(dir, name, ...rest);
  };
}
