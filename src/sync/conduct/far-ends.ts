// The other end of a run, where that is on another machine, as the conductor sees it.

import type { SendingDirectory } from "../tasks/tasks.ts";
import type { TreeNode } from "./tree-node.ts";

/** A directory of the source that has come; "closed" = there is nothing inside of it. */
export type FarListing = { readonly directory: number; readonly record: Uint8Array } | "closed";

/** The source's end, for the conductor of the target's. Callbacks come later, never from within a call. */
export interface FarSource {
  /** Waits for the listing of a directory. */
  listing(node: TreeNode, then: (listing: FarListing) => void): void;
  /** Asks for content of files of a directory: `body` is session's record of wishes for about so many bytes. */
  content(
    node: TreeNode,
    wish: { body: Uint8Array; bytes: number },
    then: (content: Uint8Array) => void,
  ): void;
  /** Subdirectory `index` of a directory is of no interest, nor is anything below. */
  skip(node: TreeNode, index: number): void;
  /** Everything in a directory is done. */
  release(node: TreeNode): void;
}

/** The target's end, for the conductor of the source's. */
export interface FarTarget {
  send(node: TreeNode, sending: SendingDirectory): void;
  /** There is nothing inside of subdirectory `index`. */
  closed(node: TreeNode, index: number): void;
  /** Says whether more would only wait; then the walk is held until there is room. */
  holdsBack(): boolean;
}
