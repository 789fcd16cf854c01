// The target of --read-batch, which is made if it is missing, as a sync's is.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { type FileSystem, FsError } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { newDirectoryMode } from "../plan/new-modes.ts";
import type { Surroundings } from "../plan/surroundings.ts";

/** Makes the target of a batch if it is missing, but nothing above it, as rsync does. */
export function makeTarget(
  fs: FileSystem,
  path: ByteString,
  { transfer }: Options,
  { umask }: Surroundings,
): void {
  try {
    fs.closeDirectory(fs.openRoot(path));
    return;
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "ENOENT" || transfer.dryRun) return;
  }
  const whole = path.replace(/\/+$/, "");
  const cut = whole.lastIndexOf("/");
  const parent = cut < 0 ? "." : whole.slice(0, cut) || "/";
  try {
    const dir = fs.openRoot(parent);
    try {
      fs.makeDirectory(dir, whole.slice(cut + 1), newDirectoryMode(fs, dir, umask));
    } finally {
      fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new ManifoldError("io-start", `mkdir "${toText(path)}" failed: ${error.reason}`);
  }
}
