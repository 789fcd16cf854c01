// POSIX access control lists as values: the form in which Linux keeps them (acl(5); xattr values of
// version 2), what a list means beside a mode, and which one an entry shall have.
//
// The mode and the access list say the same things twice: the owner's entry and that of all others
// always, the group's entry or the mask when there is one. So lists are compared by what they say
// more than the mode, and made from the wanted mode.

/** The extended attributes that hold the lists. */
export const accessAclName = "system.posix_acl_access";
export const defaultAclName = "system.posix_acl_default";

/** A list. Permissions are rwx as 0..7. */
export interface Acl {
  readonly owner: number;
  readonly group: number;
  /** -1 = there is none, which is so only where nobody is named. */
  readonly mask: number;
  readonly others: number;
  /** Users first, then groups, each by id. */
  readonly named: readonly NamedPermission[];
}

/** What one user or group may do. */
export interface NamedPermission {
  readonly isUser: boolean;
  readonly id: number;
  readonly permissions: number;
}

const version = 2;
const headerBytes = 4;
const entryBytes = 8;
/** Tags (linux/posix_acl.h). */
const ownerTag = 0x01;
const userTag = 0x02;
const groupOwnerTag = 0x04;
const groupTag = 0x08;
const maskTag = 0x10;
const othersTag = 0x20;
const noId = 0xffffffff;

/** Says whether an extended attribute is an access control list. */
export function isAclName(name: string): boolean {
  return name === accessAclName || name === defaultAclName;
}

/** Reads the value of one of the attributes; undefined when it is not a list of this version. */
export function parseAcl(value: Uint8Array): Acl | undefined {
  const count = (value.length - headerBytes) / entryBytes;
  if (count < 3 || !Number.isInteger(count)) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  if (view.getUint32(0, true) !== version) return undefined;
  const single = { [ownerTag]: -1, [groupOwnerTag]: -1, [maskTag]: -1, [othersTag]: -1 };
  const named: NamedPermission[] = [];
  for (let at = headerBytes; at < value.length; at += entryBytes) {
    const tag = view.getUint16(at, true);
    const permissions = view.getUint16(at + 2, true) & 7;
    if (tag === userTag || tag === groupTag) {
      named.push({ isUser: tag === userTag, id: view.getUint32(at + 4, true), permissions });
    } else if (tag in single) single[tag as keyof typeof single] = permissions;
    else return undefined;
  }
  const [owner, group, mask, others] = [
    single[ownerTag],
    single[groupOwnerTag],
    single[maskTag],
    single[othersTag],
  ];
  if (owner < 0 || group < 0 || others < 0 || (mask < 0 && named.length > 0)) return undefined;
  return { owner, group, mask, others, named: sorted(named) };
}

/** Returns the attribute's value for a list. */
export function formatAcl(acl: Acl): Uint8Array {
  const { named } = acl;
  const groups = named.findIndex((entry) => !entry.isUser);
  const users = groups < 0 ? named.length : groups;
  const entries: (readonly [tag: number, permissions: number, id: number])[] = [
    [ownerTag, acl.owner, noId],
    ...named.slice(0, users).map((n) => [userTag, n.permissions, n.id] as const),
    [groupOwnerTag, acl.group, noId],
    ...named.slice(users).map((n) => [groupTag, n.permissions, n.id] as const),
    ...(acl.mask < 0 ? [] : [[maskTag, acl.mask, noId] as const]),
    [othersTag, acl.others, noId],
  ];
  const value = new Uint8Array(headerBytes + entries.length * entryBytes);
  const view = new DataView(value.buffer);
  view.setUint32(0, version, true);
  entries.forEach(([tag, permissions, id], index) => {
    const at = headerBytes + index * entryBytes;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, permissions, true);
    view.setUint32(at + 4, id, true);
  });
  return value;
}

/** The list that says nothing more than the mode. */
export function modeAcl(mode: number): Acl {
  return {
    owner: (mode >> 6) & 7,
    group: (mode >> 3) & 7,
    mask: -1,
    others: mode & 7,
    named: [],
  };
}

/** Says whether the list says nothing more than a mode can. */
export function isModeAcl(acl: Acl): boolean {
  return acl.mask < 0;
}

/** The nine permission bits that stat shows for an entry with this access list. */
export function aclMode(acl: Acl): number {
  return (acl.owner << 6) | ((acl.mask < 0 ? acl.group : acl.mask) << 3) | acl.others;
}

/**
 * Returns the access list for an entry that shall have this mode, where the source has `source` (undefined = only a
 * mode). A group entry as wide as the mask goes with the mode, as --chmod means the whole group class; a narrower one
 * stays.
 */
export function wantedAccessAcl(source: Acl | undefined, mode: number): Acl {
  const wanted = modeAcl(mode);
  if (source === undefined || source.mask < 0) return wanted;
  const group = source.group === source.mask ? wanted.group : source.group;
  return { ...wanted, group, mask: wanted.group, named: source.named };
}

/**
 * Says whether an entry with the access list `actual` has all that `wanted` says more than its mode does; the mode is
 * compared elsewhere. Undefined = only a mode.
 */
export function sameAccessAcl(wanted: Acl, actual: Acl | undefined): boolean {
  if (actual === undefined || actual.mask < 0) return wanted.mask < 0;
  return wanted.mask >= 0 && wanted.group === actual.group && sameNamed(wanted, actual);
}

/** Says whether two default lists are the same; undefined = there is none. */
export function sameDefaultAcl(a: Acl | undefined, b: Acl | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.owner === b.owner &&
    a.group === b.group &&
    a.mask === b.mask &&
    a.others === b.others &&
    sameNamed(a, b)
  );
}

/** Returns the list with other ids. */
export function mapAclIds(
  acl: Acl,
  mapUser: (id: number) => number,
  mapGroup: (id: number) => number,
): Acl {
  const named = acl.named.map((entry) => ({
    ...entry,
    id: entry.isUser ? mapUser(entry.id) : mapGroup(entry.id),
  }));
  return { ...acl, named: sorted(named) };
}

/**
 * Returns the access list of an entry that was made in a directory with this default list and then given this mode
 * (acl(5): what the default names is inherited, and the mode sets owner, others, and the mask or else the group).
 */
export function inheritedAcl(defaults: Acl, mode: number): Acl {
  const own = modeAcl(mode);
  if (defaults.mask < 0) return own;
  return { ...own, group: defaults.group, mask: own.group, named: defaults.named };
}

/** Bytes of the fixed part of rsync's encoding, and of one named entry. */
const fakeHeadBytes = 16;
const fakeEntryBytes = 8;
const fakeNone = 0x80;
const fakeUserBit = 0x80000000;

/**
 * Encodes a list as rsync --fake-super does in user.rsync.%aacl and %dacl: four 32-bit words for owner, group, mask
 * and others (0x80 = go by the mode), then id and permissions of each named entry. An access list leaves out what the
 * mode says.
 */
export function formatFakeAcl(acl: Acl, isAccess: boolean): Uint8Array {
  const value = new Uint8Array(fakeHeadBytes + acl.named.length * fakeEntryBytes);
  const view = new DataView(value.buffer);
  const word = (permissions: number, fromMode: boolean): number =>
    permissions < 0 || (isAccess && fromMode) ? fakeNone : permissions;
  view.setUint32(0, word(acl.owner, true), true);
  view.setUint32(4, word(acl.group, acl.mask < 0 || acl.group === acl.mask), true);
  view.setUint32(8, word(acl.mask, false), true);
  view.setUint32(12, word(acl.others, true), true);
  acl.named.forEach(({ isUser, id, permissions }, index) => {
    const at = fakeHeadBytes + index * fakeEntryBytes;
    view.setUint32(at, id, true);
    view.setUint32(at + 4, isUser ? permissions + fakeUserBit : permissions, true);
  });
  return value;
}

/**
 * Decodes rsync's encoding for an entry of this mode; undefined when it is malformed. The mask of an access list is
 * what the mode says by now.
 */
export function parseFakeAcl(value: Uint8Array, mode: number, isAccess: boolean): Acl | undefined {
  const count = (value.length - fakeHeadBytes) / fakeEntryBytes;
  if (count < 0 || !Number.isInteger(count)) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const fromMode = modeAcl(mode);
  const word = (at: number, none: number): number => {
    const permissions = view.getUint32(at, true);
    return permissions === fakeNone ? none : permissions & 7;
  };
  const named: NamedPermission[] = [];
  for (let at = fakeHeadBytes; at < value.length; at += fakeEntryBytes) {
    const bits = view.getUint32(at + 4, true);
    named.push({
      isUser: bits >= fakeUserBit,
      id: view.getUint32(at, true),
      permissions: bits & 7,
    });
  }
  const mask = word(8, named.length > 0 ? fromMode.group : -1);
  return {
    owner: word(0, fromMode.owner),
    group: word(4, fromMode.group),
    mask: isAccess && mask >= 0 ? fromMode.group : mask,
    others: word(12, fromMode.others),
    named: sorted(named),
  };
}

function sorted(named: readonly NamedPermission[]): readonly NamedPermission[] {
  if (named.length < 2) return named;
  return [...named].sort((a, b) => Number(b.isUser) - Number(a.isUser) || a.id - b.id);
}

function sameNamed(a: Acl, b: Acl): boolean {
  return (
    a.named.length === b.named.length &&
    a.named.every((entry, index) => {
      const other = b.named[index];
      return (
        other !== undefined &&
        entry.isUser === other.isUser &&
        entry.id === other.id &&
        entry.permissions === other.permissions
      );
    })
  );
}
