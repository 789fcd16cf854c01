// Rows of listings as the entries of rsync's file lists.

import type { ByteString } from "../../base/index.ts";
import type { ListedDirectory } from "../../changeset/index.ts";
import type { ListTerms, WireAcl, WireEntry } from "../../rsync/index.ts";
import { brokenProtocol, inlineValueMax, wireXattr, type XattrValues } from "../../rsync/index.ts";
import {
  accessAclName,
  type Directory,
  defaultAclName,
  isAclName,
  isDevice,
  isDirectory,
  isRegular,
  isSymlink,
  parseAcl,
  type Xattr,
} from "../../tree/index.ts";

import type { PushedRow } from "./push-directory.ts";

/** What is known of an entry besides its row. */
export interface PushedEntry {
  /** Its path in the transfer. */
  readonly name: ByteString;
  readonly isTop: boolean;
  readonly isBare: boolean;
  readonly firstLink: number | undefined;
  /** Told with the entry, where ids are. */
  readonly userName: ByteString | undefined;
  readonly groupName: ByteString | undefined;
}

/** Returns the entry. */
export function wireEntry(
  { columns, states }: ListedDirectory,
  row: number,
  terms: ListTerms,
  known: PushedEntry,
): WireEntry {
  const mode = columns.mode[row] as number;
  const digest = terms.digestBytes > 0 && isRegular(mode) ? states.digests.get(row) : undefined;
  const xattrs = terms.acls || terms.xattrs ? (columns.xattrs.get(row) ?? []) : [];
  return {
    ...known,
    mode,
    size: sizeOf(columns, row, mode),
    mtime: columns.mtime[row] as number,
    mtimeNanos: columns.mtimeNanos[row] as number,
    atime: columns.atime[row] as number,
    crtime: columns.crtime[row] as number,
    uid: columns.uid[row] as number,
    gid: columns.gid[row] as number,
    rdevMajor: columns.rdevMajor[row] as number,
    rdevMinor: columns.rdevMinor[row] as number,
    linkTarget: columns.linkTargets.get(row),
    digest: digest?.slice(0, terms.digestBytes),
    accessAcl: terms.acls ? aclOf(xattrs, accessAclName, mode) : undefined,
    defaultAcl: terms.acls && isDirectory(mode) ? aclOf(xattrs, defaultAclName, 0) : undefined,
    xattrs: terms.xattrs ? withoutAcls(xattrs).map(wireXattr) : undefined,
  };
}

function withoutAcls(xattrs: readonly Xattr[]): readonly Xattr[] {
  return xattrs.filter(({ name }) => !isAclName(name));
}

/** Returns values of an entry's attributes by their places among those that were sent. Throws a protocol-data error. */
export function longXattrs({ directory, row }: PushedRow, places: readonly number[]): XattrValues {
  const columns = row < 0 ? (directory.self ?? directory.columns) : directory.columns;
  const sent = withoutAcls(columns.xattrs.get(Math.max(0, row)) ?? []);
  const values = new Map<number, Uint8Array>();
  for (const place of places) {
    const value = sent[place - 1]?.value;
    if (value === undefined || value.length <= inlineValueMax) {
      throw brokenProtocol(`it asks for attribute ${place}, whose value it has or nobody has`);
    }
    values.set(place, value);
  }
  return values;
}

/** Returns as what an entry is counted. */
export function countedKind(
  mode: number,
): "regular" | "directories" | "symlinks" | "devices" | "specials" {
  if (isRegular(mode)) return "regular";
  if (isDirectory(mode)) return "directories";
  if (isSymlink(mode)) return "symlinks";
  return isDevice(mode) ? "devices" : "specials";
}

/** An argument that is not there, but for its name. */
export const missingEntry: Omit<WireEntry, "name"> = {
  ...{ mode: 0, size: 0, mtime: 0, mtimeNanos: 0, atime: 0, crtime: 0, uid: 0, gid: 0 },
  ...{ userName: undefined, groupName: undefined, rdevMajor: 0, rdevMinor: 0 },
  ...{ linkTarget: undefined, digest: undefined, firstLink: undefined },
  ...{ isTop: false, isBare: false },
  ...{ accessAcl: undefined, defaultAcl: undefined, xattrs: undefined },
};

function sizeOf(columns: Directory, row: number, mode: number): number {
  return isDevice(mode) ? 0 : (columns.size[row] as number);
}

/** What the mode says of permissions is left out. */
function aclOf(xattrs: readonly Xattr[], name: string, mode: number): WireAcl | undefined {
  const acl = parseAcl(xattrs.find((one) => one.name === name)?.value ?? new Uint8Array(0));
  if (acl === undefined) return undefined;
  const named = acl.named.map((one) => ({ ...one, name: undefined }));
  const mask = acl.mask < 0 ? undefined : acl.mask;
  if (name === defaultAclName) {
    return { owner: acl.owner, group: acl.group, mask, others: acl.others, named };
  }
  const ofGroup = (mode >> 3) & 7;
  const tellsMask = mask !== undefined && (named.length === 0 || mask !== ofGroup);
  return {
    owner: undefined,
    group: mask === undefined || acl.group === ofGroup ? undefined : acl.group,
    mask: tellsMask ? mask : undefined,
    others: undefined,
    named,
  };
}
