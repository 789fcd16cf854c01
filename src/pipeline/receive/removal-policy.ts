// What decides about removals and hears of them, and how a removal ends: the words that remove.ts and
// its callers share.

import type { ByteString } from "../../base/index.ts";
import type { DirHandle } from "../../fs/index.ts";
import type { TargetPlace } from "./target-place.ts";

/** Answers whether the name that lies in the bytes from `start` to `end` stays. */
export type Protects = (
  names: Uint8Array,
  start: number,
  end: number,
  isDirectory: boolean,
) => boolean;

/** Decides about deletions and hears of them. */
export interface RemovalPolicy {
  /** What keeps entries of the directory `path`, which is itself to go; undefined = nothing does. */
  protects(path: ByteString): Protects | undefined;
  /** Takes one from --max-delete; false, and one more skipped, when none is left. */
  takeDeletion(): boolean;
  /** Gives back what was taken for a removal that did not happen. */
  returnDeletion(): void;
  /** Called after each removal, or instead of it in a dry run; deepest entries first. */
  removed(path: ByteString, mode: number): void;
  /** A directory stays because something in it does; `again` = that was said of it before. */
  notEmpty(path: ByteString, again: boolean): void;
  /** Says whether the open directory `path` is to stay with all it holds, and tells why; undefined = none is. */
  readonly spares: ((dir: DirHandle, path: ByteString) => boolean) | undefined;
  /** A directory stays because another file system is mounted on it. */
  mounted(path: ByteString): void;
  /**
   * Keeps a non-directory in the backup. "moved" = its name is gone already, "failed" = it must stay and that
   * was reported, "left" = it can go now.
   */
  backup(place: TargetPlace, name: ByteString, mode: number): "moved" | "left" | "failed";
  /** Contents that go may still be wanted in this run, and are held (held-contents.ts). */
  readonly holds: boolean;
  /** Says whether `backup` keeps it in the same directory, so that the directory does not become empty. */
  staysBeside(name: ByteString, mode: number): boolean;
  /** The only file system to delete on; undefined = any. */
  readonly device: { readonly major: number; readonly minor: number } | undefined;
  /** Permission bits that an own entry without write permission is given before it goes. */
  readonly unlockBits: number;
}

/** An entry that is to go. */
export interface DoomedEntry {
  readonly name: ByteString;
  readonly mode: number;
  /** We own it and its mode denies us writing: see isLocked. */
  readonly locked: boolean;
}

/** Why an entry goes. */
export interface RemovalReason {
  /** Something else takes its name: not counted, not reported, not limited; what lies below it is. */
  readonly makesWay: boolean;
  /** A directory goes with its contents; false = only when it is empty. */
  readonly recursive: boolean;
}

/** "kept" = a directory that is not empty; "failed" = reported as a problem. */
export type Removal = "removed" | "kept" | "limit" | "failed";
