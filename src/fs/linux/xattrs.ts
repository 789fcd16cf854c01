// Extended attributes. The calls take paths only, so an entry is named through its pinned
// directory: /proc/self/fd/N/name leads to the directory that is pinned, and the l-forms do not
// follow the last component. ACLs are attributes too (system.posix_acl_access).

import { type ByteString, fromBytes } from "../../base/index.ts";
import { errno } from "../../native/index.ts";
import type { DirHandle } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import type { Kernel } from "./kernel.ts";

/** XATTR_SIZE_MAX and XATTR_LIST_MAX (linux/limits.h). */
const xattrBytesMax = 65536;

/** A buffer for values and name lists, made when first needed. */
let buffer: Buffer | undefined;

function room(): Buffer {
  buffer ??= Buffer.allocUnsafeSlow(xattrBytesMax);
  return buffer;
}

/** Writes the path of an entry, or of the directory itself for "", and returns its address. */
function entryPath(kernel: Kernel, dir: DirHandle, name: ByteString, operation: string): number {
  if (name !== "") kernel.name(name, operation);
  return kernel.path(
    name === "" ? `/proc/self/fd/${dir}` : `/proc/self/fd/${dir}/${name}`,
    operation,
  );
}

/** FileSystem.listXattrs. None where the file system has none. */
export function listXattrs(kernel: Kernel, dir: DirHandle, name: ByteString): ByteString[] {
  const path = entryPath(kernel, dir, name, "llistxattr");
  const list = name === "" ? kernel.call.listxattr : kernel.call.llistxattr;
  const bytes = room();
  const length = list(path, kernel.address(bytes), bytes.length);
  if (length === 0) return [];
  if (length > 0) return fromBytes(bytes, 0, length - 1).split("\0");
  const reason = kernel.errno();
  if (reason === errno.EOPNOTSUPP) return [];
  throw new FsError(reason, "llistxattr", name);
}

/** FileSystem.getXattr. */
export function getXattr(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  attribute: ByteString,
): Uint8Array | undefined {
  const path = entryPath(kernel, dir, name, "lgetxattr");
  const get = name === "" ? kernel.call.getxattr : kernel.call.lgetxattr;
  const bytes = room();
  const length = get(
    path,
    kernel.secondPath(attribute, "lgetxattr"),
    kernel.address(bytes),
    bytes.length,
  );
  if (length >= 0) return new Uint8Array(bytes.subarray(0, length));
  const reason = kernel.errno();
  if (reason === errno.ENODATA || reason === errno.EOPNOTSUPP) return undefined;
  throw new FsError(reason, "lgetxattr", name);
}

/** FileSystem.setXattr. */
export function setXattr(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  attribute: ByteString,
  value: Uint8Array,
): void {
  const path = entryPath(kernel, dir, name, "lsetxattr");
  const set = name === "" ? kernel.call.setxattr : kernel.call.lsetxattr;
  // A value may lie in memory that has no address (an empty array); one that lies in `room` has.
  if (value.length > xattrBytesMax) throw new FsError(errno.E2BIG, "lsetxattr", name);
  const bytes = room();
  bytes.set(value);
  const result = set(
    path,
    kernel.secondPath(attribute, "lsetxattr"),
    kernel.address(bytes),
    value.length,
    0,
  );
  if (result < 0) throw kernel.failure("lsetxattr", name);
}

/** FileSystem.removeXattr. */
export function removeXattr(
  kernel: Kernel,
  dir: DirHandle,
  name: ByteString,
  attribute: ByteString,
): void {
  const path = entryPath(kernel, dir, name, "lremovexattr");
  const remove = name === "" ? kernel.call.removexattr : kernel.call.lremovexattr;
  if (remove(path, kernel.secondPath(attribute, "lremovexattr")) < 0)
    throw kernel.failure("lremovexattr", name);
}
