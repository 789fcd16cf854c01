// The command line's bytes. Node decodes argv as UTF-8 and replaces what is not; the kernel keeps
// the bytes (proc(5), /proc/PID/cmdline).

import { readFileSync } from "node:fs";
import process from "node:process";
import { type ByteString, fromBytes, fromText } from "../base/index.ts";

/** Returns the arguments after the script's name as byte strings. Reads /proc only when text was damaged. */
export function processArguments(): ByteString[] {
  const decoded = process.argv.slice(2);
  if (!decoded.some((argument) => argument.includes("\u{fffd}"))) return decoded.map(fromText);
  const bytes = readFileSync("/proc/self/cmdline");
  const all = fromBytes(bytes, 0, bytes.length - 1).split("\0");
  return all.slice(all.length - decoded.length);
}
