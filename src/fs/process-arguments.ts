// The bytes of the command line and of the working directory. Node decodes both as UTF-8 and replaces
// what is not; the kernel keeps the bytes (proc(5), /proc/PID/cmdline and cwd).

import { readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { type ByteString, fromBytes, fromText } from "../base/index.ts";
import { FsError } from "./fs-error.ts";

/** Returns the arguments after the script's name as byte strings. Reads /proc only when text was damaged. */
export function processArguments(): ByteString[] {
  const decoded = process.argv.slice(2);
  if (!decoded.some((argument) => argument.includes("\u{fffd}"))) return decoded.map(fromText);
  const bytes = readFileSync("/proc/self/cmdline");
  const all = fromBytes(bytes, 0, bytes.length - 1).split("\0");
  return all.slice(all.length - decoded.length);
}

/** Returns the absolute path of the working directory. Throws FsError when it has been removed. */
export function processWorkingDirectory(): ByteString {
  let decoded: string;
  try {
    decoded = process.cwd();
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    throw new FsError(-errno, "getcwd", ".");
  }
  if (!decoded.includes("\u{fffd}")) return fromText(decoded);
  return fromBytes(readlinkSync("/proc/self/cwd", { encoding: "buffer" }));
}
