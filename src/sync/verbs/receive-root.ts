// The target's root as receive deals with it: what its times were, and what is said of it.

import type { ByteString } from "../../base/index.ts";
import { type FileSystem, Stat } from "../../fs/index.ts";
import type { ClosingDirectory } from "../tasks/tasks.ts";
import type { ToldProblem } from "./listing-stream.ts";

/** A problem of the target as such. */
export function targetProblem(path: ByteString, operation: string, errno: number): ToldProblem {
  return { path, role: "target", operation, errno, exit: 23, message: undefined };
}

/** Returns the root's own times, to be set again when staging has come and gone. */
export function timesOfRoot(fs: FileSystem, path: ByteString): ClosingDirectory {
  const stat = new Stat();
  const root = fs.openRoot(path);
  try {
    fs.statDirectory(root, stat);
  } finally {
    fs.closeDirectory(root);
  }
  const { mtime, mtimeNanos } = stat;
  return { path: "", mode: 0, setMode: false, setTimes: true, mtime, mtimeNanos };
}
