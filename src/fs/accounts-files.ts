// Users and groups out of /etc/passwd and /etc/group (passwd(5), group(5)), read once.

import { readFileSync } from "node:fs";
import type { ByteString } from "../base/index.ts";
import type { AccountLookup } from "./accounts-lookup.ts";

/** The places of name and number in a line; both files have them the same. Only users have a primary group and a home directory. */
const nameField = 0;
const numberField = 2;
const homeField = 5;
const primaryGroupField = 3;

interface Table {
  readonly names: ReadonlyMap<number, ByteString>;
  readonly numbers: ReadonlyMap<ByteString, number>;
  readonly homes: ReadonlyMap<ByteString, ByteString>;
  readonly primaryGroups: ReadonlyMap<number, number>;
}

/** Returns lookups in the two files; a file that cannot be read is empty. */
export function fileAccounts(passwdPath = "/etc/passwd", groupPath = "/etc/group"): AccountLookup {
  let users: Table | undefined;
  let groups: Table | undefined;
  const userTable = () => (users ??= readTable(passwdPath));
  const groupTable = () => (groups ??= readTable(groupPath));
  return {
    userName: (uid) => userTable().names.get(uid),
    groupName: (gid) => groupTable().names.get(gid),
    userId: (name) => userTable().numbers.get(name),
    userHome: (name) => userTable().homes.get(name),
    groupId: (name) => groupTable().numbers.get(name),
    primaryGroup: (uid) => userTable().primaryGroups.get(uid),
  };
}

/** The first line with a name or number counts, as in the C library. Lines that are not entries are skipped. */
function readTable(path: string): Table {
  const names = new Map<number, ByteString>();
  const numbers = new Map<ByteString, number>();
  const homes = new Map<ByteString, ByteString>();
  const primaryGroups = new Map<number, number>();
  for (const line of readLines(path)) {
    const fields = line.split(":");
    const name = fields[nameField];
    const digits = fields[numberField];
    if (name === undefined || name === "" || digits === undefined) continue;
    // Digits only: an empty or odd field must not become user 0.
    const number = idOf(digits);
    if (number === undefined) continue;
    const group = idOf(fields[primaryGroupField] ?? "");
    if (group !== undefined && !names.has(number)) primaryGroups.set(number, group);
    if (!names.has(number)) names.set(number, name);
    if (numbers.has(name)) continue;
    numbers.set(name, number);
    homes.set(name, fields[homeField] ?? "");
  }
  return { names, numbers, homes, primaryGroups };
}

function idOf(digits: string): number | undefined {
  return /^[0-9]{1,10}$/.test(digits) && Number(digits) <= 0xffffffff ? Number(digits) : undefined;
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "latin1").split("\n");
  } catch {
    return [];
  }
}
