// Closing what was only read.

import type { FileHandle, FileSystem } from "./file-system.ts";
import { FsError } from "./fs-error.ts";

/** Closes a file that was opened for reading. Whatever the system says to that, nothing can have been lost. */
export function closeRead(fs: FileSystem, file: FileHandle): void {
  try {
    fs.closeFile(file);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  }
}
