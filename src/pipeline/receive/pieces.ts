// What is known of a large file while several lanes copy it.

import type { ByteString } from "../../base/index.ts";
import type { FileHandle } from "../../fs/index.ts";

/** A file under way. Plain values: it crosses threads. */
export interface LargeFile {
  readonly source: FileHandle;
  readonly target: FileHandle;
  readonly size: number;
  readonly createdMode: number;
  /** Where it is staged, to be found again by Staging.find. */
  readonly name: ByteString;
  readonly mount: ByteString;
  /** The file system shares blocks: nothing is left to copy. */
  readonly isShared: boolean;
}

/** How the pieces went. */
export interface Pieces {
  readonly file: LargeFile;
  /** Bytes that were there. */
  readonly length: number;
  /** Bytes that are there without a gap from the start on. */
  readonly prefix: number;
  /** A system call that failed. */
  readonly error: { readonly errno: number; readonly operation: string } | undefined;
}
