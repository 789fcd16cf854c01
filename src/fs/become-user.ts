// Becoming another user for good: groups first, since afterwards we may not.

import process from "node:process";
import { type ByteString, ManifoldError, toText } from "../base/index.ts";
import { openAccounts } from "./accounts.ts";
import type { Accounts } from "./accounts-lookup.ts";

/** Whom root becomes when nobody is named. */
const nobody = "nobody";

/** Who this process is now. */
export interface EffectiveUser {
  readonly euid: number;
  readonly egid: number;
  readonly groups: readonly number[];
}

/**
 * Makes this process another user's, in all its threads. `user` and `groups` are names or numbers; undefined = stay, or
 * nobody where that is root; no groups = the user's primary one; "*" = all that the user is in. Throws ManifoldError
 * for what does not exist, and when we are neither root nor that user.
 */
export function becomeUser(
  user: ByteString | undefined,
  groups: readonly ByteString[],
): EffectiveUser {
  const accounts = openAccounts();
  const isRoot = accounts.euid === 0;
  const name = user ?? (isRoot ? nobody : undefined);
  const uid = name === undefined ? accounts.euid : idOf(name, accounts.userId);
  if (uid === undefined) throw failure(`There is no user ${toText(name ?? "")}`);
  if (!isRoot) {
    if (uid === accounts.euid) return effectiveUser(uid);
    throw failure(`Only root can become the user ${toText(name ?? "")}`);
  }
  takeGroups(accounts, uid, groups);
  process.setuid?.(uid);
  return effectiveUser(uid);
}

function effectiveUser(euid: number): EffectiveUser {
  return { euid, egid: process.getegid?.() ?? 0, groups: process.getgroups?.() ?? [] };
}

function takeGroups(accounts: Accounts, uid: number, groups: readonly ByteString[]): void {
  const primary = accounts.primaryGroup(uid);
  const named = groups
    .filter((group) => group !== "*")
    .map((group) => {
      const gid = idOf(group, accounts.groupId);
      if (gid === undefined) throw failure(`There is no group ${toText(group)}`);
      return gid;
    });
  const first = named[0] ?? primary;
  if (first === undefined) throw failure(`The user ${uid} has no group: name one`);
  if (groups.includes("*")) {
    const userName = accounts.userName(uid);
    if (userName === undefined) throw failure(`The user ${uid} has no name to look groups up by`);
    // Missing in the types of Node.
    const takeInitialGroups: unknown = Reflect.get(process, "initgroups");
    if (typeof takeInitialGroups !== "function") throw failure("Groups cannot be taken on here");
    Reflect.apply(takeInitialGroups, process, [toText(userName), primary ?? first]);
    process.setgroups?.([...new Set([...named, ...(process.getgroups?.() ?? [])])]);
  } else process.setgroups?.(named.length > 0 ? named : [first]);
  process.setgid?.(first);
}

function idOf(
  written: ByteString,
  find: (name: ByteString) => number | undefined,
): number | undefined {
  return find(written) ?? (/^\d{1,9}$/.test(written) ? Number(written) : undefined);
}

function failure(message: string): ManifoldError {
  return new ManifoldError("io-start", message);
}
