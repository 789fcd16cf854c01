// Places that processes which know nothing of each other share: each has a record lock on four bytes of one file for as long as it
// lives, as rsync's daemons count their connections (fcntl(2), "max connections" of rsyncd.conf(5)).

import { closeSync, constants, openSync } from "node:fs";
import { type ByteString, errno } from "../base/index.ts";
import { loadSystemCalls } from "../native/index.ts";
import { FsError } from "./fs-error.ts";
import { asBuffer, call } from "./path-calls.ts";

const F_SETLK = 6;
const F_WRLCK = 1;
const slotBytes = 4;
/** struct flock: type and whence 16 bits each, start at byte 8, length at byte 16, a process number. */
const flockBytes = 32;
const {
  O_RDWR,
  O_CREAT,
  O_NOFOLLOW,
  O_CLOEXEC = 0o2_000_000,
} = constants as typeof constants & {
  readonly O_CLOEXEC?: number;
};

/**
 * Takes one of so many places for the rest of this process's life; false = all are taken, undefined = there are no system calls to
 * take one with. The file is made where there is none. Throws FsError.
 */
export function takeSlot(path: ByteString, slots: number): boolean | undefined {
  const calls = loadSystemCalls();
  if (calls === undefined) return undefined;
  const flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
  const descriptor = call("open", path, () => openSync(asBuffer(path), flags, 0o600));
  const memory = Buffer.allocUnsafeSlow(128).fill(0);
  memory.writeInt16LE(F_WRLCK, 0);
  memory.writeBigInt64LE(BigInt(slotBytes), 16);
  const address = calls.address(memory.subarray(0, flockBytes));
  for (let slot = 0; slot < slots; slot++) {
    memory.writeBigInt64LE(BigInt(slot * slotBytes), 8);
    if (calls.call.fcntl(descriptor, F_SETLK, address) === 0) return true;
    const reason = calls.errno();
    if (reason !== errno.EAGAIN && reason !== errno.EACCES) {
      closeSync(descriptor);
      throw new FsError(reason, "fcntl", path);
    }
  }
  closeSync(descriptor);
  return false;
}
