// Users and groups by the C library (getpwnam(3), getgrnam(3), the reentrant forms).
//
// struct passwd begins with the name's address, the password's address, the user's and group's numbers, and
// the addresses of full name and home directory; struct group with the name's address, the password's address
// and the group number. Pointers are 8 bytes on every architecture that the native room lets in, so both have
// the number at byte 16, and the home directory's address is at byte 32.

import { type ByteString, errno, fromBytes } from "../base/index.ts";
import type { SystemCalls } from "../native/index.ts";
import type { AccountLookup } from "./accounts-lookup.ts";

/** Where things lie in the memory of a lookup. */
const resultStart = 64;
const nameStart = 128;
const textStart = 1024;
const nameBytesMax = textStart - nameStart - 1;
const numberWord = 4;
const homeStart = 32;
const primaryGroupWord = 5;

const textBytesFirst = 4096;
/** A group with a hundred thousand members has this much to tell. */
const textBytesMax = 1 << 24;

type Find = (record: number, text: number, size: number, result: number) => number;
type FindByName = (name: number, ...rest: Parameters<Find>) => number;

/** Returns lookups by the C library; whatever goes wrong in one is "no such name". */
export function libraryAccounts(calls: SystemCalls): AccountLookup {
  const { getpwuid_r, getpwnam_r, getgrgid_r, getgrnam_r } = calls.call;
  let memory = Buffer.allocUnsafeSlow(textStart + textBytesFirst);
  let base = calls.address(memory);

  /** Runs a lookup with as much room as it needs; true when there is an entry. */
  const found = (find: (base: number, size: number) => number): boolean => {
    for (;;) {
      memory.fill(0, 0, nameStart);
      const reason = find(base, memory.length - textStart);
      if (reason === errno.ERANGE && memory.length < textBytesMax) {
        const grown = Buffer.allocUnsafeSlow(memory.length * 4);
        memory.copy(grown, 0, 0, textStart);
        memory = grown;
        base = calls.address(memory);
      } else if (reason !== errno.EINTR) {
        return reason === 0 && memory.readBigUInt64LE(resultStart) !== 0n;
      }
    }
  };
  /** The text whose address stands at `at` of the entry. */
  const textAt = (at: number): ByteString | undefined => {
    const start = Number(memory.readBigUInt64LE(at)) - base;
    if (start < textStart || start >= memory.length) return undefined;
    return fromBytes(memory, start, memory.indexOf(0, start));
  };
  const nameOf = (find: Find): ByteString | undefined => {
    const isFound = found((at, size) => find(at, at + textStart, size, at + resultStart));
    return isFound ? textAt(0) : undefined;
  };
  const isKnown = (name: ByteString, find: FindByName): boolean => {
    if (name === "" || name.length > nameBytesMax || name.includes("\0")) return false;
    memory.write(`${name}\0`, nameStart, "latin1");
    return found((at, size) => find(at + nameStart, at, at + textStart, size, at + resultStart));
  };
  const numberOf = (name: ByteString, find: FindByName): number | undefined =>
    isKnown(name, find) ? memory.readUInt32LE(numberWord * 4) : undefined;
  return {
    userName: (uid) => nameOf((...rest) => getpwuid_r(uid, ...rest)),
    groupName: (gid) => nameOf((...rest) => getgrgid_r(gid, ...rest)),
    userId: (name) => numberOf(name, getpwnam_r),
    userHome: (name) => (isKnown(name, getpwnam_r) ? textAt(homeStart) : undefined),
    groupId: (name) => numberOf(name, getgrnam_r),
    primaryGroup: (uid) => {
      const isFound = found((at, size) =>
        getpwuid_r(uid, at, at + textStart, size, at + resultStart),
      );
      return isFound ? memory.readUInt32LE(primaryGroupWord * 4) : undefined;
    },
  };
}
