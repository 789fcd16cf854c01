// What the receiver is given: the target's door, the rules, the place where files are staged, and
// where its news go.

import type { ByteString } from "../../base/index.ts";
import type { DirHandle, FileHandle, FileSystem } from "../../fs/index.ts";
import type { AttributeRules, Directory } from "../../tree/index.ts";
import type { Staging } from "./staging.ts";

/** How the receiver writes. */
export interface ReceiveOptions {
  readonly attributes: AttributeRules;
  readonly dryRun: boolean;
  /** What happens to a target entry that changed since the scan. */
  readonly onConflict: "skip" | "overwrite" | "keep-both";
  /** Flush each file before it gets its name. */
  readonly fsync: boolean;
  readonly sparse: boolean;
  readonly preallocate: boolean;
  /** New files belong to these ids unless set otherwise. */
  readonly euid: number;
  readonly egid: number;
  /** Privileged: may give files away and make devices. */
  readonly superUser: boolean;
  /** A non-empty directory may make way for a non-directory. */
  readonly force: boolean;
}

/** One target directory while entries are applied to it. */
export interface TargetPlace {
  readonly dir: DirHandle;
  /** Path in the transfer; messages add the target's label. */
  readonly path: ByteString;
}

/** The source side of one entry that is applied. */
export interface SourceEntry {
  readonly listing: Directory;
  readonly index: number;
  readonly name: ByteString;
  /** How messages name the source file; undefined = by `name`. */
  readonly label?: ByteString;
}

/** Opens the content of source files; the receiver closes what it opened through the same door. */
export interface ContentSource {
  readonly fs: FileSystem;
  open(entry: SourceEntry): FileHandle;
  /** Says whether the file is still what the listing describes. */
  isUnchanged(file: FileHandle, entry: SourceEntry): boolean;
  /** Takes the file's present size and times into the listing. */
  refresh(file: FileHandle, entry: SourceEntry): void;
}

/** Everything a receiver works with. One per lane. */
export interface ReceiveContext {
  readonly fs: FileSystem;
  readonly options: ReceiveOptions;
  readonly staging: Staging;
  /** Trouble with one path of the target. */
  problem(path: ByteString, operation: string, errno: number, message?: string): void;
  /** Trouble with one path of the source, met while its content was read. */
  sourceProblem(entry: SourceEntry, operation: string, errno: number, message?: string): void;
  note(topic: string, level: number, text: ByteString): void;
  /** Bytes of content that were read from the source, and taken from the target's own data. */
  count(literal: number, matched: number): void;
  /** Blocks while the run is over its rate; throws when the run was cancelled. */
  pace(bytes: number): void;
}
