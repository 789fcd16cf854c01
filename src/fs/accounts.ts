// Users and groups of this machine by name and number, remembered for the life of the object.
// Asked of the C library where system calls can be had, so that every name service of the machine
// answers (files, LDAP, systemd); elsewhere read from /etc/passwd and /etc/group.

import process from "node:process";
import type { ByteString } from "../base/index.ts";
import { loadSystemCalls } from "../native/index.ts";
import { fileAccounts } from "./accounts-files.ts";
import { libraryAccounts } from "./accounts-library.ts";
import type { Accounts } from "./accounts-lookup.ts";

/**
 * Returns this machine's users and groups and our own ids. Names without an entry are remembered as absent too.
 * `prefer` asks for one way to look up.
 */
export function openAccounts(prefer: "library" | "files" = "library"): Accounts {
  const calls = prefer === "library" ? loadSystemCalls() : undefined;
  const lookup = calls === undefined ? fileAccounts() : libraryAccounts(calls);
  const egid = process.getegid?.() ?? -1;
  return {
    euid: process.geteuid?.() ?? -1,
    egid,
    // getgroups(2) leaves it open whether the effective group is among them.
    groups: [...new Set([egid, ...(process.getgroups?.() ?? [])])],
    userName: remember((uid: number) => lookup.userName(uid)),
    groupName: remember((gid: number) => lookup.groupName(gid)),
    userId: remember((name: ByteString) => lookup.userId(name)),
    userHome: (name) => lookup.userHome(name),
    groupId: remember((name: ByteString) => lookup.groupId(name)),
    primaryGroup: remember((uid: number) => lookup.primaryGroup(uid)),
  };
}

function remember<Key, Value>(find: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const value = known.get(key);
    if (value !== undefined || known.has(key)) return value as Value;
    const found = find(key);
    known.set(key, found);
    return found;
  };
}
