// Going into a directory for good, while this process may still get there.

import process from "node:process";
import { type ByteString, fromText, toText } from "../base/index.ts";
import { call } from "./path-calls.ts";

/**
 * Makes a directory this process's working directory, so that whoever it becomes can reach that without passing what lies above.
 * Returns the path by which it is reached from then on. Throws FsError.
 */
export function enterDirectory(path: ByteString): ByteString {
  const text = toText(path);
  // Node takes text only: other names are reached as they are written.
  if (fromText(text) !== path) return path;
  call("chdir", path, () => process.chdir(text));
  return ".";
}
