// Calling node:fs: its errors as FsErrors with Linux's numbers, interrupted calls made again.

import { closeSync } from "node:fs";
import process from "node:process";
import { type ByteString, type ErrnoName, errno } from "../../base/index.ts";
import { FsError } from "../fs-error.ts";

const isLinux = process.platform === "linux";

/** Names that Node gives and Linux's table does not have. */
const synonyms: Readonly<Record<string, ErrnoName>> = { ENOTSUP: "EOPNOTSUPP" };

/** Returns what the action returns; a system's error becomes an FsError, anything else is a bug and passes. */
export function perform<T>(operation: string, name: ByteString, action: () => T): T {
  for (;;) {
    try {
      return action();
    } catch (error) {
      const number = errnoOf(error);
      if (number === undefined) throw error;
      // Only reads and closings come here interrupted, and libuv calls an interrupted closing a success.
      if (number !== errno.EINTR) throw new FsError(number, operation, name);
    }
  }
}

/** Closes what was only looked through: nothing was written there that could be lost, so no error matters. */
export function release(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

/** The Linux number of an error of node:fs, undefined for what is not a system's error. */
export function errnoOf(error: unknown): number | undefined {
  if (error instanceof FsError) return error.errno;
  if (!(error instanceof Error) || !("code" in error) || !("errno" in error)) return undefined;
  const { code, errno: number } = error;
  if (typeof number !== "number" || typeof code !== "string") return undefined;
  if (isLinux) return -number;
  return errno[(synonyms[code] ?? code) as ErrnoName] ?? errno.EIO;
}
