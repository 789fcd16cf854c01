// What the ways to look up users and groups have in common.

import type { ByteString } from "../base/index.ts";

/** One way to look up users and groups; undefined for what it does not know. */
export interface AccountLookup {
  userName(uid: number): ByteString | undefined;
  groupName(gid: number): ByteString | undefined;
  userId(name: ByteString): number | undefined;
  userHome(name: ByteString): ByteString | undefined;
  groupId(name: ByteString): number | undefined;
}
