// Tasks of runs whose other end is on another machine. Plain values: they cross threads.

import type { ByteString } from "../../base/index.ts";
import type { NamedGroup, Origin } from "../../pipeline/index.ts";
import type { FrozenDirectory } from "../../tree/index.ts";
import type { ApplyTask } from "./apply-task.ts";

/** Find out what a range of entries needs of the source. The target's end. */
export interface WishTask extends Omit<ApplyTask, "kind"> {
  readonly kind: "wish";
}

/** What a range needs. */
export interface WishResult {
  readonly kind: "wish";
  readonly node: number;
  readonly from: number;
  /** Session's record of wishes; undefined = nothing. */
  readonly body: Uint8Array | undefined;
  /** Bytes of the files that are wanted. */
  readonly bytes: number;
}

/** Read what is wished for. The source's end. */
export interface ReadTask {
  readonly kind: "read";
  /** The answer has the same number. */
  readonly id: number;
  readonly path: ByteString;
  readonly origins: readonly Origin[];
  readonly named: readonly NamedGroup[];
  readonly listing: FrozenDirectory;
  readonly body: Uint8Array;
  /** What is read is compressed. */
  readonly compresses: boolean;
}

/** What was read, as session's record of content. */
export interface ReadResult {
  readonly kind: "read";
  readonly id: number;
  readonly body: Uint8Array;
}
