// The task that comes last in a directory: its final attributes.

import type { ByteString } from "../../base/index.ts";

/** Give directories their final attributes, after everything below them is done. */
export interface CloseTask {
  readonly kind: "close";
  readonly directories: readonly ClosingDirectory[];
}

/** The final attributes of one directory. */
export interface ClosingDirectory {
  readonly path: ByteString;
  readonly mode: number;
  /** The mode has to be set: without privileges it was widened while the contents were written. */
  readonly setMode: boolean;
  readonly setTimes: boolean;
  readonly mtime: number;
  readonly mtimeNanos: number;
}
