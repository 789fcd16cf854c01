// Where content of a large file is put while it comes, and who puts it there: for whoever hands it on, it is the same whether one process
// brings it or several.

import type { ByteString } from "../../base/index.ts";
import type { ContentStore, ListedEntry, PullOrder, Span } from "../../source/index.ts";

/** A large file that is coming. */
export interface PartStore extends ContentStore {
  /** What an earlier run has proven. */
  readonly kept: readonly Span[];
  /** Notes that a range is proven. */
  prove(from: number, to: number): void;
  /** Closes it; `removes`: nobody needs it any more. */
  close(removes: boolean): void;
}

/** Opens such files. */
export interface PartOpener {
  /** Undefined = it cannot be opened, and somebody has been told why. */
  open(path: ByteString, entry: ListedEntry): Promise<PartStore | undefined>;
}

/** A file that was ordered. */
export interface WantedFile {
  /** Says whether a span may be used. */
  isReady(from: number, to: number): boolean;
  /** Nothing more of it is to come; why is told to whoever has ordered it, if it was under way. */
  fail(why: string): void;
}

/** Whoever is told which files are wanted. */
export interface Pulls {
  /** Orders a file. Its callbacks come later, never from within this call. */
  add(order: PullOrder): WantedFile;
}
