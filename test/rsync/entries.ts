// Entries and terms of file lists, for tests to vary.

import type { ListTerms, WireEntry } from "../../src/rsync/index.ts";

/** Names, types, sizes and times, and links' targets. */
export const plainTerms: ListTerms = {
  protocol: 32,
  varintFlags: true,
  safeListEnd: true,
  incremental: false,
  rootNames: true,
  owner: false,
  group: false,
  devices: false,
  specials: false,
  links: true,
  hardLinks: false,
  atimes: false,
  crtimes: false,
  acls: false,
  xattrs: false,
  numericIds: false,
  digestBytes: 0,
  relative: false,
  missing: false,
};

/** An empty file. */
export const blankEntry: WireEntry = {
  name: "a",
  mode: 0o100644,
  size: 0,
  mtime: 0,
  mtimeNanos: 0,
  atime: 0,
  crtime: 0,
  uid: 0,
  gid: 0,
  userName: undefined,
  groupName: undefined,
  rdevMajor: 0,
  rdevMinor: 0,
  linkTarget: undefined,
  digest: undefined,
  firstLink: undefined,
  isTop: false,
  isBare: false,
  accessAcl: undefined,
  defaultAcl: undefined,
  xattrs: undefined,
};
