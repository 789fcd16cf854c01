// The operations of a door, with the names that the Linux door gives to them in its errors: an
// injected error must look like a real one. This file is a table.

import type { FileSystem } from "../file-system.ts";
import type { ManyFiles } from "../many-files.ts";

/** An operation of a door; what doors do in one go, and mere hints, are left out, so that each call of theirs can fail. */
export type Operation = Exclude<
  keyof FileSystem,
  "kind" | "abilities" | "machine" | keyof ManyFiles | "copiesThroughMemory" | "stampsChanges"
>;

/** Operation to the system call that its errors name. */
export const systemCalls: Readonly<Record<Operation, string>> = {
  openRoot: "openat",
  openDirectory: "openat2",
  closeDirectory: "close",
  readNames: "getdents64",
  statEntries: "statx",
  stat: "statx",
  statDirectory: "statx",
  statFile: "statx",
  readLink: "readlinkat",
  openRead: "openat",
  createFile: "openat",
  openWrite: "openat",
  closeFile: "close",
  read: "pread",
  write: "pwrite",
  truncate: "ftruncate",
  deviceSize: "lseek",
  allocate: "fallocate",
  punchHole: "fallocate",
  seekData: "lseek",
  seekHole: "lseek",
  copyRange: "copy_file_range",
  clone: "ioctl",
  makeDirectory: "mkdirat",
  makeSymlink: "symlinkat",
  makeNode: "mknodat",
  link: "linkat",
  rename: "renameat2",
  unlink: "unlinkat",
  removeDirectory: "unlinkat",
  setMode: "fchmodat2",
  setOwner: "fchownat",
  setTimes: "utimensat",
  setFileMode: "fchmod",
  setFileOwner: "fchownat",
  setFileTimes: "futimens",
  setDirectoryMode: "fchmod",
  setDirectoryOwner: "fchownat",
  setDirectoryTimes: "futimens",
  listXattrs: "listxattr",
  getXattr: "getxattr",
  setXattr: "setxattr",
  removeXattr: "removexattr",
  syncFile: "fsync",
  syncDirectory: "fsync",
  syncFileSystem: "syncfs",
  freeBytes: "fstatvfs",
};
