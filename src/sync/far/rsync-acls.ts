// Access control lists and extended attributes of entries that rsync sends, as the attributes that Linux keeps them in.

import type { ByteString } from "../../base/index.ts";
import type { WireAcl, WireEntry } from "../../rsync/index.ts";
import { accessAclName, defaultAclName, formatAcl, type Xattr } from "../../tree/index.ts";

/**
 * Returns the attributes of an entry, ascending by name; of those that are no access control lists, what `takes` says. What
 * the mode says of permissions, rsync leaves out.
 */
export function accessXattrs(
  { mode, accessAcl, defaultAcl, xattrs = [] }: WireEntry,
  takes: (name: ByteString) => boolean,
): Xattr[] {
  const all: Xattr[] = xattrs
    .filter(({ name }) => takes(name))
    .map(({ name, value }) => ({ name, value }));
  if (accessAcl !== undefined && saysMore(accessAcl)) {
    all.push({ name: accessAclName, value: formatAcl(whole(accessAcl, mode)) });
  }
  if (defaultAcl !== undefined && isThere(defaultAcl)) {
    all.push({ name: defaultAclName, value: formatAcl(whole(defaultAcl, 0)) });
  }
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function saysMore({ mask, named }: WireAcl): boolean {
  return mask !== undefined || named.length > 0;
}

function isThere({ owner, group, others, mask, named }: WireAcl): boolean {
  return named.length > 0 || [owner, group, others, mask].some((one) => one !== undefined);
}

function whole(
  { owner, group, mask, others, named }: WireAcl,
  mode: number,
): Parameters<typeof formatAcl>[0] {
  const ofGroup = (mode >> 3) & 7;
  const isMasked = named.length > 0 || mask !== undefined;
  return {
    owner: owner ?? (mode >> 6) & 7,
    group: group ?? ofGroup,
    mask: mask ?? (isMasked ? ofGroup : -1),
    others: others ?? mode & 7,
    named: named
      .map(({ isUser, id, permissions }) => ({ isUser, id, permissions }))
      .sort((a, b) => Number(b.isUser) - Number(a.isUser) || a.id - b.id),
  };
}
