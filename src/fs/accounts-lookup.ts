// What the ways to look up users and groups have in common.

import type { ByteString } from "../base/index.ts";

/** One way to look up users and groups; undefined for what it does not know. */
export interface AccountLookup {
  userName(uid: number): ByteString | undefined;
  groupName(gid: number): ByteString | undefined;
  userId(name: ByteString): number | undefined;
  userHome(name: ByteString): ByteString | undefined;
  groupId(name: ByteString): number | undefined;
  /** The group that the user's processes begin with. */
  primaryGroup(uid: number): number | undefined;
}

/** Users and groups of this machine, and who we are. Names are byte strings. */
export interface Accounts extends AccountLookup {
  readonly euid: number;
  readonly egid: number;
  /** Supplementary groups, the effective group included. */
  readonly groups: readonly number[];
}
