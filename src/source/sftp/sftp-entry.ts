// What an SFTP server says of a name, in a source's words.

import type { ByteString } from "../../base/index.ts";
import {
  isDevice,
  isDirectory,
  isRegular,
  isSymlink,
  permissionMask,
  typeFifo,
  typeMask,
  typeSocket,
} from "../../tree/index.ts";
import type { EntryKind, ListedEntry } from "../source.ts";
import type { SftpAttributes } from "./packet-cursor.ts";

const nameBytesMax = 255;

/** Returns an entry; undefined for what is none: "." and "..", names that are none, devices (whose numbers nobody tells). */
export function entryOf(name: ByteString, attributes: SftpAttributes): ListedEntry | undefined {
  const { mode = 0, size, mtime, uid, gid } = attributes;
  const isName = name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
  const kind = kindOf(mode);
  if (!isName || name.length > nameBytesMax || kind === undefined) return undefined;
  return {
    name,
    kind,
    size: kind === "file" ? size : undefined,
    mtime,
    mtimeNanos: mtime === undefined ? undefined : 0,
    mode: mode & permissionMask,
    uid,
    gid,
  };
}

function kindOf(mode: number): EntryKind | undefined {
  if (isRegular(mode)) return "file";
  if (isDirectory(mode)) return "directory";
  if (isSymlink(mode)) return "symlink";
  if (isDevice(mode)) return undefined;
  const type = mode & typeMask;
  return type === typeFifo ? "fifo" : type === typeSocket ? "socket" : undefined;
}
