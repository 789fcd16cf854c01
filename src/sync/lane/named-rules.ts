// Rule files that the command line names. Unlike a directory's merge file one can be a pipe:
// --exclude-from=<(command).

import type { ByteString } from "../../base/index.ts";
import { FsError, type OperatorLinks, readNamedFile } from "../../fs/index.ts";
import { type FileContent, mergeFileBytesMax } from "../../tree/index.ts";

/** Reads a rule file by its path as the operator wrote it. */
export function readNamedRules(path: ByteString, links: OperatorLinks): FileContent {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for (const piece of readNamedFile(path, links)) {
      length += piece.length;
      if (length > mergeFileBytesMax) {
        return { reason: `it is larger than ${mergeFileBytesMax} bytes` };
      }
      pieces.push(piece.slice());
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    return { reason: error.message };
  }
  const whole = new Uint8Array(length);
  let used = 0;
  for (const piece of pieces) {
    whole.set(piece, used);
    used += piece.length;
  }
  return whole;
}
