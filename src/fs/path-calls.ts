// Node's own file functions with paths as we hold them, and errors as ours: for files that are not part of any tree.

import { type ByteString, toBytes } from "../base/index.ts";
import { FsError } from "./fs-error.ts";

/** Returns a path as Node's functions take one that need not be UTF-8. */
export function asBuffer(path: ByteString): Buffer {
  return Buffer.from(toBytes(path));
}

/** Calls one of Node's functions. Throws FsError for what the system says; anything else as it is. */
export function call<Result>(operation: string, path: ByteString, perform: () => Result): Result {
  try {
    return perform();
  } catch (error) {
    const { errno: number } = error as NodeJS.ErrnoException;
    if (number === undefined) throw error;
    throw new FsError(-number, operation, path);
  }
}
