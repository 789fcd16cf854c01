// One row per operation that can meet trouble: rsync's wording on the source and on the target
// side, the rsync process that says it there, and manifold's verb. Operations are the names that
// stages and file doors put into problems: system calls, and a few of our own.

/** Which of rsync's processes speaks of trouble on the target. */
export type TargetVoice = "generator" | "receiver";

/**
 * How one operation is told. In rsync's wordings %p is the quoted absolute path, %d the same without
 * a "." for a directory's top, and %n the path below the target, bare. A `whole` row's wording is
 * the complete line, without process and reason.
 */
export interface ProblemWording {
  readonly source: string;
  readonly target: string;
  readonly voice: TargetVoice;
  /** Completes "cannot ... PATH". */
  readonly verb: string;
  readonly whole?: boolean;
}

function row(
  verb: string,
  voice: TargetVoice,
  target: string,
  source: string = target,
): ProblemWording {
  return { source, target, voice, verb };
}

const examine = row(
  "examine",
  "generator",
  "recv_generator: failed to stat %p",
  "readlink_stat(%p) failed",
);
const openDirectory = row("open directory", "generator", "opendir %p failed");
const readDirectory = row("read directory", "generator", "readdir(%p)");
const openFile = row("open", "receiver", "mkstemp %p failed", "send_files failed to open %p");
const read = row("read", "generator", "failed to open %p, continuing", "read errors mapping %p");
const write = row("write", "receiver", "write failed on %p");
const preallocate = row("allocate space for", "receiver", "do_fallocate %p");
const flush = row("flush", "receiver", "fsync failed on %p");
const rename = row("rename to", "receiver", "rename %p");
const makeDirectory = row(
  "make directory",
  "generator",
  "recv_generator: mkdir %p failed",
  "mkdir %p failed",
);
const makeSymlink = row("make symlink", "generator", "symlink %p failed");
const makeNode = row("make device or special file", "generator", "mknod %p failed");
const link = row("make hard link", "generator", "link %p failed");
const unlink = row(
  "delete",
  "generator",
  "delete_file: unlink(%n) failed",
  "sender failed to remove %n",
);
const openParent = row(
  "remove what lies behind a symlink,",
  "generator",
  "sender failed to secure-open-parent %n",
);
const removeDirectory = row(
  "delete directory",
  "generator",
  "delete_file: rmdir(%n) failed",
  "sender failed to remove %n",
);
const setMode = row("set permissions of", "generator", "failed to set permissions on %p");
const setOwner = row("set owner and group of", "generator", "chown %p failed");
const setTimes = row("set times of", "generator", "failed to set times on %p");
const listXattrs = row(
  "read the extended attributes of",
  "generator",
  "get_xattr_names: llistxattr(%p) failed",
);
const getXattr = row(
  "read an extended attribute of",
  "generator",
  "get_xattr_data: lgetxattr(%p) failed",
);
const setXattr = row(
  "set an extended attribute of",
  "receiver",
  "rsync_xal_set: lsetxattr(%p) failed",
);
const removeXattr = row(
  "remove an extended attribute of",
  "receiver",
  "rsync_xal_set: lremovexattr(%p) failed",
);
const copy = row("copy", "receiver", "copy_file %p");

/** Rows by operation. */
const rows = new Map<string, ProblemWording>([
  ["link_stat", row("find", "generator", "link_stat %p failed")],
  ["change_dir", row("enter directory", "generator", "change_dir %d failed")],
  ["statx", examine],
  ["stat", examine],
  ["fstat", examine],
  ["lstat", examine],
  ["readlink", row("read symlink", "generator", "readlink_stat(%p) failed")],
  ["readlinkat", row("read symlink", "generator", "readlink_stat(%p) failed")],
  ["opendir", openDirectory],
  ["readdir", readDirectory],
  ["getdents64", readDirectory],
  ["scandir", readDirectory],
  ["open", openFile],
  ["openat", openFile],
  ["openat2", openFile],
  ["fcntl", openFile],
  ["mkstemp", row("make a temporary file for", "receiver", "mkstemp %p failed")],
  ["read", read],
  ["pread", read],
  ["lseek", read],
  ["write", write],
  ["pwrite", write],
  ["close", row("close", "receiver", "close failed on %p")],
  ["ftruncate", row("set the length of", "receiver", "ftruncate failed on %p")],
  ["fallocate", preallocate],
  ["fsync", flush],
  ["fdatasync", flush],
  ["syncfs", flush],
  ["copy_file_range", copy],
  ["ioctl", copy],
  ["copy", copy],
  ["rename", rename],
  ["renameat", rename],
  ["renameat2", rename],
  ["exchange", rename],
  ["mkdir", makeDirectory],
  ["mkdirat", makeDirectory],
  ["symlink", makeSymlink],
  ["symlinkat", makeSymlink],
  ["mknod", makeNode],
  ["mknodat", makeNode],
  ["link", link],
  ["linkat", link],
  ["unlink", unlink],
  ["unlinkat", unlink],
  ["open_parent", openParent],
  ["rmdir", removeDirectory],
  ["chmod", setMode],
  ["fchmod", setMode],
  ["fchmodat2", setMode],
  ["chown", setOwner],
  ["chgrp", row("set the group of", "receiver", "chgrp %p failed")],
  ["fchown", setOwner],
  ["fchownat", setOwner],
  ["utimensat", setTimes],
  ["futimens", setTimes],
  ["utimes", setTimes],
  ["listxattr", listXattrs],
  ["llistxattr", listXattrs],
  ["getxattr", getXattr],
  ["lgetxattr", getXattr],
  ["setxattr", setXattr],
  ["lsetxattr", setXattr],
  ["removexattr", removeXattr],
  ["lremovexattr", removeXattr],
  [
    "acl",
    row("set the access control list of", "generator", "set_acl: sys_acl_set_file(%n, ACCESS)"),
  ],
  ["backup", row("keep a backup of", "generator", "keep_backup failed: %p")],
  ["staging", row("stage", "receiver", "mkstemp %p failed")],
  ["sweep", row("remove what an earlier run left in", "receiver", "cleanup of %p failed")],
  ["getcwd", row("find the working directory", "receiver", "getcwd(): %p")],
  ["receive", row("receive", "receiver", "receive of %p failed")],
  ["send", row("send", "generator", "send of %p failed")],
  ["conflict", row("update", "receiver", "skipping %p")],
  ["follow", { ...row("follow", "generator", "symlink has no referent: %p"), whole: true }],
  [
    "make-way",
    {
      ...row("make way for", "generator", "could not make way for new regular file: %n"),
      whole: true,
    },
  ],
  [
    "verify",
    {
      ...row("verify", "receiver", "ERROR: %n failed verification -- update discarded."),
      whole: true,
    },
  ],
]);

/** Returns the wording of an operation; an unknown one is told by its own name. */
export function problemWording(operation: string): ProblemWording {
  return rows.get(operation) ?? row(operation, "receiver", `${operation} %p failed`);
}

/** Operations whose `message` is the complete line, in either personality. */
const wholeLines = new Set(["filter", "max-delete", "mirror", "note", "connection", "rsync"]);

/** Says whether problems of the operation bring their complete line in `message`. */
export function isWholeLine(operation: string): boolean {
  return wholeLines.has(operation);
}

/** Says whether the operation is one that the faces know. */
export function hasProblemWording(operation: string): boolean {
  return rows.has(operation) || wholeLines.has(operation);
}
