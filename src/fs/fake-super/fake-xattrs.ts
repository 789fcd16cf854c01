// Extended attributes that only the super-user could set, kept under names of the user's: access
// control lists in rsync's own encoding, other namespaces under "user.rsync.".

import { type ByteString, errno } from "../../base/index.ts";
import {
  type Acl,
  accessAclName,
  defaultAclName,
  formatAcl,
  formatFakeAcl,
  isAclName,
  isModeAcl,
  parseAcl,
  parseFakeAcl,
} from "../../tree/index.ts";
import type { DirHandle, FileSystem } from "../file-system.ts";
import { FsError } from "../fs-error.ts";
import { statAttribute } from "./virtual-stat.ts";

const accessAttribute = "user.rsync.%aacl";
const defaultAttribute = "user.rsync.%dacl";
const userPrefix = "user.";
const disguise = "user.rsync.";
const disguised = /^user\.rsync\.((?:security|trusted|system)\..+)$/;

/** Returns the names that the entry pretends to have. Those that it really has outside of user.* do not count. */
export function listFakeXattrs(
  inner: FileSystem,
  dir: DirHandle,
  name: ByteString,
  mode: () => number,
): ByteString[] {
  const names: ByteString[] = [];
  for (const attribute of inner.listXattrs(dir, name)) {
    if (attribute === statAttribute || !attribute.startsWith(userPrefix)) continue;
    if (attribute === accessAttribute || attribute === defaultAttribute) {
      const shown = attribute === accessAttribute ? accessAclName : defaultAclName;
      if (getFakeXattr(inner, dir, name, shown, mode) !== undefined) names.push(shown);
    } else names.push(disguised.exec(attribute)?.[1] ?? attribute);
  }
  return names;
}

/** Returns the value of an attribute that the entry pretends to have. `mode` is what it pretends, too. */
export function getFakeXattr(
  inner: FileSystem,
  dir: DirHandle,
  name: ByteString,
  attribute: ByteString,
  mode: () => number,
): Uint8Array | undefined {
  const value = inner.getXattr(dir, name, innerName(attribute));
  if (value === undefined || !isAclName(attribute)) return value;
  const isAccess = attribute === accessAclName;
  const acl = parseFakeAcl(value, mode(), isAccess);
  // An access list that says no more than the mode is none, as with the real ones.
  if (acl === undefined || (isAccess && isModeAcl(acl))) return undefined;
  return formatAcl(acl);
}

/** Sets an attribute; returns the access control list when it was one that decides about the mode. */
export function setFakeXattr(
  inner: FileSystem,
  dir: DirHandle,
  name: ByteString,
  attribute: ByteString,
  value: Uint8Array,
): Acl | undefined {
  if (!isAclName(attribute)) {
    inner.setXattr(dir, name, innerName(attribute), value);
    return undefined;
  }
  const acl = parseAcl(value);
  if (acl === undefined) throw new FsError(errno.EINVAL, "setxattr", name);
  const isAccess = attribute === accessAclName;
  inner.setXattr(dir, name, innerName(attribute), formatFakeAcl(acl, isAccess));
  return isAccess ? acl : undefined;
}

/** Removes an attribute that the entry pretends to have. */
export function removeFakeXattr(
  inner: FileSystem,
  dir: DirHandle,
  name: ByteString,
  attribute: ByteString,
): void {
  inner.removeXattr(dir, name, innerName(attribute));
}

function innerName(attribute: ByteString): ByteString {
  if (attribute === accessAclName) return accessAttribute;
  if (attribute === defaultAclName) return defaultAttribute;
  return attribute.startsWith(userPrefix) ? attribute : disguise + attribute;
}
