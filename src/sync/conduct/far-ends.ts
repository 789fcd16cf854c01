// The other end of a run, where that is on another machine, as the conductor sees it.

import type { Slabs } from "../../session/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type { PlanNaming } from "../plan/transfer-plan.ts";
import type {
  AheadTask,
  BelowRecord,
  Looked,
  MovedFiles,
  SendingBelow,
  SendingDirectory,
} from "../tasks/far-tasks.ts";
import type { TreeNode } from "./tree-node.ts";

/** A directory of the source that has come; "closed" = there is nothing inside of it. */
export type FarListing = FarDirectory | "closed";

/** Such a directory. */
export interface FarDirectory {
  readonly directory: number;
  readonly record: Uint8Array;
  /** Content of its first files, which takes room until it is `applied`; undefined = none came with it. */
  readonly ahead?: { readonly content: Uint8Array; readonly applied: () => void } | undefined;
}

/** What is asked for of the files of a directory. */
export interface ContentWish {
  readonly body: Uint8Array;
  readonly bytes: number;
  readonly changes?: readonly number[] | undefined;
  readonly isMore?: boolean;
}

/** The source's end, for the conductor of the target's. Callbacks come later, never from within a call. */
export interface FarSource {
  /** Lanes can wait for pieces of large files. */
  readonly streams: boolean;
  /** Connections that content comes over. */
  readonly carriers: number;
  /** Memory that is used again. */
  readonly slabs: Slabs;
  /** Waits for the listing of a directory. */
  listing(node: TreeNode, then: (listing: FarListing) => void): void;
  /** Returns directories below one that have come, parents first, as many as a survey may go on with; undefined = they are not had beforehand. */
  below?(directory: number): readonly BelowRecord[];
  /** Some of those have been surveyed; `quiet`: of no interest any more. */
  surveyedBelow?(read: readonly BelowRecord[], quiet: readonly BelowRecord[]): void;
  /**
   * Asks for content of files of a directory: `body` is session's record of wishes for about so many bytes. The content
   * takes room until it is `applied`, and waits for it, unless there `isMore` of what takes room already.
   */
  content(
    node: TreeNode,
    wish: ContentWish,
    then: (content: Uint8Array, applied: () => void) => void,
  ): void;
  /** Asks for a piece of a file, which is not held back: whoever asks knows how much it takes. Else as content(). */
  piece(
    node: TreeNode,
    wish: { body: Uint8Array; bytes: number; signature: number | undefined; changes?: number },
    then: (content: Uint8Array, applied: () => void) => void,
  ): void;
  /** Tells what the target has of a file, for pieces to be matched with. */
  signature(id: number, record: Uint8Array): void;
  /** No piece will be matched with that any more. */
  drop(id: number): void;
  /** No piece of a file that was begun is wanted any more. */
  left?(node: TreeNode, row: number): void;
  /** Has files of a directory removed that the target has; `then` hears what was met. */
  remove(
    directory: number,
    files: Pick<MovedFiles, "rows" | "copies">,
    then: (events: readonly ProgressEvent[]) => void,
  ): void;
  /**
   * Waits until the source's end has walked all of the source; `lineRate`: bytes a second that the line takes, if that has been
   * what its end waited for, else 0. Undefined: nobody there can tell chunks of what is wanted.
   */
  walked?(then: (lineRate: number) => void): void;
  /** Hears what the target's end met. */
  looked?(looked: Looked): void;
  /** The target has not what a sum was of: its record is to come in its place. */
  relist?(directories: readonly number[]): void;
  /** Subdirectory `index` of a directory is of no interest, nor is anything below. */
  skip(node: TreeNode, index: number): void;
  /** Everything in a directory is done. */
  release(node: TreeNode): void;
  /** No content of files of a directory will be wanted any more, whatever there is to do below it. May be told twice. */
  settled?(node: TreeNode): void;
}

/** A source's end that walks when it is told to. */
export interface FarClient extends FarSource {
  /** Something of the source could not be read, whatever directories say of themselves: nothing may be deleted. */
  readonly isIncomplete?: boolean;
  /** Finds out, before anything is deleted, whether the source is still what it was listed as: see isIncomplete. */
  recheck?(): Promise<void>;
  /**
   * Begins a walk; `quiet` is one before the real one; `ahead`: content of small files may come with their directories; `sums`: of so
   * many columns may come in the place of records.
   */
  walk(quiet: boolean, naming: PlanNaming, ahead: boolean, sums: number): void;
}

/** The target's end, for the conductor of the source's. */
export interface FarTarget {
  /** How content is read that is sent with a directory; undefined = none is. */
  ahead?(): AheadTask | undefined;
  /** Digests of files are to go with their directories. */
  readonly tellsDigests?: boolean;
  /** Sums of so many columns may go in the place of records; 0 = not. */
  readonly tellsSums?: number;
  /** Keeps room for directories below one, and returns for how many; undefined = none goes with it. */
  below?(): number | undefined;
  /** Sends a directory and those that go with it. */
  send(node: TreeNode, sending: SendingDirectory, below?: readonly SendingBelow[]): void;
  /** There is nothing inside of subdirectory `index`. */
  closed(node: TreeNode, index: number): void;
  /** Says whether more would only wait; then the walk is held until there is room. */
  holdsBack(): boolean;
}
