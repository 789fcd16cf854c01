// A FileSystem (memory, or any door) as a TreePlace.

import { byBytes } from "./disk-place.ts";
import type { PlaceEntry, Region, TreePlace } from "./place.ts";
import {
  type ByteString,
  baseName,
  Directory,
  type DirHandle,
  type FileSystem,
  fromBytes,
  isDirectory,
  joinPath,
  parentPath,
  Stat,
  toBytes,
} from "./rooms.ts";

/** Returns the place below this directory of the file system; the handle stays the caller's. */
export function fileSystemPlace(fileSystem: FileSystem, top: DirHandle): TreePlace {
  const within = <T>(path: ByteString, action: (directory: DirHandle) => T): T => {
    const directory = fileSystem.openDirectory(top, path);
    try {
      return action(directory);
    } finally {
      fileSystem.closeDirectory(directory);
    }
  };
  const at = <T>(path: ByteString, action: (directory: DirHandle, name: ByteString) => T): T =>
    within(parentPath(path), (directory) => action(directory, baseName(path)));
  const entry = (path: ByteString): PlaceEntry | undefined => {
    const stat = new Stat();
    if (path === "") fileSystem.statDirectory(top, stat);
    else if (!at(path, (directory, name) => fileSystem.stat(directory, name, stat)))
      return undefined;
    return entryOf(stat);
  };
  return {
    description: `${fileSystem.kind} file system`,
    entry,
    ...readers(fileSystem, within, at),
    ...makers(fileSystem, at),
    xattrs: () => allXattrs(fileSystem, top),
    setMode: (path, mode) =>
      path === ""
        ? fileSystem.setDirectoryMode(top, mode)
        : at(path, (directory, name) => fileSystem.setMode(directory, name, mode)),
    setOwner: (path, uid, gid) =>
      path === ""
        ? fileSystem.setDirectoryOwner(top, uid, gid)
        : at(path, (directory, name) => fileSystem.setOwner(directory, name, uid, gid)),
    setTimes: (path, atimeNs, mtimeNs) => {
      const [atime, atimeNanos] = split(atimeNs);
      const [mtime, mtimeNanos] = split(mtimeNs);
      if (path === "") fileSystem.setDirectoryTimes(top, atime, atimeNanos, mtime, mtimeNanos);
      else
        at(path, (directory, name) =>
          fileSystem.setTimes(directory, name, atime, atimeNanos, mtime, mtimeNanos),
        );
    },
    setXattr: (path, name, value) =>
      path === ""
        ? fileSystem.setXattr(top, "", name, toBytes(value))
        : at(path, (directory, leaf) => fileSystem.setXattr(directory, leaf, name, toBytes(value))),
    removeXattr: (path, name) =>
      path === ""
        ? fileSystem.removeXattr(top, "", name)
        : at(path, (directory, leaf) => fileSystem.removeXattr(directory, leaf, name)),
  };
}

type Within = <T>(path: ByteString, action: (directory: DirHandle) => T) => T;
type At = <T>(path: ByteString, action: (directory: DirHandle, name: ByteString) => T) => T;

function readers(
  fileSystem: FileSystem,
  within: Within,
  at: At,
): Pick<TreePlace, "names" | "readContent" | "readTarget"> {
  return {
    names: (path) => within(path, (directory) => namesOf(fileSystem, directory)),
    readContent: (path) =>
      at(path, (directory, name) => {
        const stat = new Stat();
        const file = fileSystem.openRead(directory, name, { noAtime: true });
        try {
          fileSystem.statFile(file, stat);
          const bytes = new Uint8Array(stat.size);
          let done = 0;
          while (done < bytes.length) {
            const count = fileSystem.read(file, bytes, done, bytes.length - done, done);
            if (count === 0) break;
            done += count;
          }
          return bytes.subarray(0, done);
        } finally {
          fileSystem.closeFile(file);
        }
      }),
    readTarget: (path) => at(path, (directory, name) => fileSystem.readLink(directory, name)),
  };
}

function makers(
  fileSystem: FileSystem,
  at: At,
): Pick<
  TreePlace,
  | "makeFile"
  | "editFile"
  | "makeDirectory"
  | "makeSymlink"
  | "makeNode"
  | "link"
  | "rename"
  | "remove"
> {
  const fill = (file: number, size: number, regions: readonly Region[]): void => {
    try {
      for (const { offset, bytes } of regions)
        fileSystem.write(file, bytes, 0, bytes.length, offset);
      fileSystem.truncate(file, size);
    } finally {
      fileSystem.closeFile(file);
    }
  };
  return {
    makeFile: (path, size, regions) =>
      at(path, (directory, name) =>
        fill(fileSystem.createFile(directory, name, 0o644), size, regions),
      ),
    editFile: (path, size, regions) =>
      at(path, (directory, name) => fill(fileSystem.openWrite(directory, name), size, regions)),
    makeDirectory: (path) =>
      at(path, (directory, name) => fileSystem.makeDirectory(directory, name, 0o755)),
    makeSymlink: (path, target) =>
      at(path, (directory, name) => fileSystem.makeSymlink(directory, name, target)),
    makeNode: (path, mode, major, minor) =>
      at(path, (directory, name) => fileSystem.makeNode(directory, name, mode, major, minor)),
    link: (from, to) =>
      at(from, (directory, name) =>
        at(to, (toDirectory, toName) => fileSystem.link(directory, name, toDirectory, toName)),
      ),
    rename: (from, to) =>
      at(from, (directory, name) =>
        at(to, (toDirectory, toName) => fileSystem.rename(directory, name, toDirectory, toName)),
      ),
    remove: (path) => at(path, (directory, name) => removeAll(fileSystem, directory, name)),
  };
}

function namesOf(fileSystem: FileSystem, directory: DirHandle): ByteString[] {
  const listing = new Directory();
  fileSystem.readNames(directory, listing);
  return Array.from({ length: listing.count }, (_, index) => listing.name(index)).sort(byBytes);
}

function removeAll(fileSystem: FileSystem, directory: DirHandle, name: ByteString): void {
  const stat = new Stat();
  fileSystem.stat(directory, name, stat);
  if (!isDirectory(stat.mode)) {
    fileSystem.unlink(directory, name);
    return;
  }
  const inner = fileSystem.openDirectory(directory, name);
  try {
    fileSystem.setDirectoryMode(inner, 0o700);
    for (const below of namesOf(fileSystem, inner)) removeAll(fileSystem, inner, below);
  } finally {
    fileSystem.closeDirectory(inner);
  }
  fileSystem.removeDirectory(directory, name);
}

function allXattrs(
  fileSystem: FileSystem,
  top: DirHandle,
): Map<ByteString, Map<ByteString, ByteString>> {
  const found = new Map<ByteString, Map<ByteString, ByteString>>();
  if (!fileSystem.abilities.xattrs) return found;
  const visit = (directory: DirHandle, path: ByteString): void => {
    const own = xattrsOf(fileSystem, directory, "");
    if (own.size > 0) found.set(path, own);
    for (const name of namesOf(fileSystem, directory)) {
      const stat = new Stat();
      fileSystem.stat(directory, name, stat);
      if (isDirectory(stat.mode)) {
        const inner = fileSystem.openDirectory(directory, name);
        visit(inner, joinPath(path, name));
        fileSystem.closeDirectory(inner);
      } else {
        const values = xattrsOf(fileSystem, directory, name);
        if (values.size > 0) found.set(joinPath(path, name), values);
      }
    }
  };
  visit(top, "");
  return found;
}

function xattrsOf(
  fileSystem: FileSystem,
  directory: DirHandle,
  name: ByteString,
): Map<ByteString, ByteString> {
  const values = new Map<ByteString, ByteString>();
  for (const attribute of fileSystem.listXattrs(directory, name).sort(byBytes)) {
    const value = fileSystem.getXattr(directory, name, attribute);
    if (value !== undefined) values.set(attribute, fromBytes(value));
  }
  return values;
}

function entryOf(stat: Stat): PlaceEntry {
  return {
    mode: stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    size: stat.size,
    blocks: stat.blocks,
    mtimeNs: join(stat.mtime, stat.mtimeNanos),
    atimeNs: join(stat.atime, stat.atimeNanos),
    ctimeNs: join(stat.ctime, stat.ctimeNanos),
    nlink: stat.nlink,
    identity: `${stat.devMajor}:${stat.devMinor}:${stat.inoHigh}:${stat.inoLow}`,
    rdevMajor: stat.rdevMajor,
    rdevMinor: stat.rdevMinor,
  };
}

function join(seconds: number, nanoseconds: number): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
}

function split(nanoseconds: bigint): [number, number] {
  const billion = 1_000_000_000n;
  const rest = ((nanoseconds % billion) + billion) % billion;
  return [Number((nanoseconds - rest) / billion), Number(rest)];
}
