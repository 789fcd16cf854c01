// This file is a table: numbers of the Linux interface, with the kernel's own spelling (fcntl.h, linux/stat.h,
// linux/openat2.h, linux/fs.h, linux/falloc.h). O_DIRECTORY, O_NOFOLLOW and O_DIRECT differ between
// architectures; everything else here is the same on all.

import process from "node:process";

const arm = process.arch === "arm64" || process.arch === "arm";

export const O_RDONLY = 0;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NONBLOCK = 0o4000;
export const O_DIRECTORY = arm ? 0o40000 : 0o200000;
export const O_NOFOLLOW = arm ? 0o100000 : 0o400000;
export const O_NOATIME = 0o1000000;
export const O_CLOEXEC = 0o2000000;
export const O_PATH = 0o10000000;

export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_REMOVEDIR = 0x200;
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_EMPTY_PATH = 0x1000;

export const RESOLVE_NO_MAGICLINKS = 0x02;
export const RESOLVE_NO_SYMLINKS = 0x04;
export const RESOLVE_BENEATH = 0x08;

/** STATX_BASIC_STATS | STATX_BTIME. */
export const statxMask = 0xfff;

export const SEEK_SET = 0;
export const SEEK_END = 2;
export const SEEK_DATA = 3;
export const SEEK_HOLE = 4;

/** Types of file systems as statfs(2) tells them. */
export const TMPFS_MAGIC = 0x01021994;
export const EXT4_SUPER_MAGIC = 0xef53;
export const XFS_SUPER_MAGIC = 0x58465342;
export const BTRFS_SUPER_MAGIC = 0x9123683e;
export const F2FS_SUPER_MAGIC = 0xf2f52010;
export const PROC_SUPER_MAGIC = 0x9fa0;

export const FALLOC_FL_KEEP_SIZE = 1;
export const FALLOC_FL_PUNCH_HOLE = 2;

export const FICLONE = 0x40049409;
export const F_GETFL = 3;
export const F_DUPFD_CLOEXEC = 1030;

export const RENAME_NOREPLACE = 1;
export const RENAME_EXCHANGE = 2;
