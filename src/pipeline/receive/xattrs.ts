// Makes the extended attributes and access control lists of a target entry what the source's are.
// Trouble is reported here: it keeps nothing else from being set.

import { errno } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import {
  type Acl,
  accessAclName,
  aclOf,
  defaultAclName,
  formatAcl,
  isAclName,
  isDirectory,
  isModeAcl,
  isSymlink,
  permissionMask,
  plainXattrs,
  wantedAccessAcl,
  type Xattr,
} from "../../tree/index.ts";
import type { AttributePlace, ReceiveContext } from "./context.ts";

/** What the source has, and the mode that the entry shall have. */
export interface WantedXattrs {
  readonly xattrs: readonly Xattr[];
  readonly mode: number;
}

const none: readonly Xattr[] = [];

/**
 * Sets the wanted attributes and, unless the entry is new, removes those that the source lacks. Returns whether the
 * mode has to be set again: a file that its owner may not write had to be opened for that.
 */
export function applyXattrs(
  context: ReceiveContext,
  at: AttributePlace,
  { xattrs, mode }: WantedXattrs,
  isNew: boolean,
): boolean {
  const { fs, options } = context;
  const wanted = plainXattrs(options.attributes, xattrs);
  const surplus = isNew ? [] : surplusNames(context, at, wanted);
  let opened = false;
  const attempt = (operation: string, act: () => void): void => {
    for (;;) {
      try {
        act();
        return;
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        const locked = error.code === "EACCES" && !options.superUser && !isSymlink(mode);
        if (!locked || opened) {
          context.problem(at.path, operation, error.errno);
          return;
        }
        opened = openToOwner(context, at, mode);
        if (!opened) return;
      }
    }
  };
  for (const { name, value } of wanted) {
    attempt("setxattr", () => fs.setXattr(at.dir, at.name, name, value));
  }
  for (const name of surplus) attempt("removexattr", () => fs.removeXattr(at.dir, at.name, name));
  // Filter rules can let lists pass as attributes like any other; they come with a mode.
  return opened || wanted.some(({ name }) => isAclName(name));
}

function surplusNames(
  context: ReceiveContext,
  at: AttributePlace,
  wanted: readonly Xattr[],
): string[] {
  const { fs, options } = context;
  try {
    return fs
      .listXattrs(at.dir, at.name)
      .filter(
        (name) =>
          options.ownXattrs?.(name) === true &&
          !(options.attributes.acls && isAclName(name)) &&
          !wanted.some((xattr) => xattr.name === name),
      );
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    context.problem(at.path, "listxattr", error.errno);
    return [];
  }
}

function openToOwner(context: ReceiveContext, at: AttributePlace, mode: number): boolean {
  try {
    const wider = (mode & permissionMask) | 0o200;
    if (at.name === "") context.fs.setDirectoryMode(at.dir, wider);
    else context.fs.setMode(at.dir, at.name, wider);
    return true;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    context.problem(at.path, "setxattr", errno.EACCES);
    return false;
  }
}

/**
 * Sets the access control lists, of a directory both. The mode must be set afterwards: until then the access list may
 * let nobody but the owner in.
 */
export function applyAcls(
  context: ReceiveContext,
  at: AttributePlace,
  { xattrs, mode }: WantedXattrs,
): void {
  setAccessAcl(context, at, wantedAccessAcl(aclOf(xattrs, accessAclName), mode), mode);
  if (isDirectory(mode)) setDefaultAcl(context, at, aclOf(xattrs, defaultAclName));
}

/** Sets an access list, narrowed as long as special permission bits may not be what they shall be. */
export function setAccessAcl(
  context: ReceiveContext,
  at: AttributePlace,
  wanted: Acl,
  mode: number,
): void {
  const isSpecial = (mode & 0o7000) !== 0;
  const first = !isSpecial
    ? wanted
    : { ...wanted, others: 0, ...(wanted.mask < 0 ? { group: 0 } : { mask: 0 }) };
  try {
    context.fs.setXattr(at.dir, at.name, accessAclName, formatAcl(first));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    // Where there are no lists, one that says no more than the mode is there already.
    if (error.code === "EOPNOTSUPP" && isModeAcl(wanted)) return;
    context.problem(at.path, "acl", error.errno);
  }
}

function setDefaultAcl(context: ReceiveContext, at: AttributePlace, wanted: Acl | undefined): void {
  const { fs } = context;
  try {
    if (wanted !== undefined) fs.setXattr(at.dir, at.name, defaultAclName, formatAcl(wanted));
    else if (fs.getXattr(at.dir, at.name, defaultAclName) !== undefined) {
      fs.removeXattr(at.dir, at.name, defaultAclName);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    context.problem(at.path, "acl", error.errno);
  }
}

/** Returns the attributes of an entry of a listing. */
export function xattrsIn(
  { xattrs }: { readonly xattrs: ReadonlyMap<number, readonly Xattr[]> },
  index: number,
): readonly Xattr[] {
  return xattrs.get(index) ?? none;
}
