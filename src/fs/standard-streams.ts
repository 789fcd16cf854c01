// The process's own files: standard streams and the logs that the user names. Written synchronously,
// so that what was told is out before the process ends, whatever ends it.

import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { type ByteString, toBytes } from "../base/index.ts";

const retryMs = 2;
const waiter = new Int32Array(new SharedArrayBuffer(4));

/** Reads standard input to its end, blocking. */
export function readStandardInput(): Uint8Array {
  return readFileSync(0);
}

/**
 * Writes all bytes to a descriptor. False when the reader has gone (EPIPE): nobody will read what
 * comes after, either. Waits where the descriptor does not block.
 */
export function writeDescriptor(descriptor: number, bytes: Uint8Array): boolean {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return false;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(waiter, 0, 0, retryMs);
    }
  }
  return true;
}

/** Opens a file that the user named for writing; a log is appended to. Throws node's error. */
export function openForWriting(path: ByteString, append: boolean): number {
  return openSync(Buffer.from(toBytes(path)), append ? "a" : "w", 0o666);
}

/** Closes what openForWriting opened. */
export function closeDescriptor(descriptor: number): void {
  closeSync(descriptor);
}
