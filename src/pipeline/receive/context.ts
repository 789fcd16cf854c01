// What the receiver is given: the target's door, the rules, the place where files are staged, and
// where its news go.

import type { ByteString } from "../../base/index.ts";
import type { DirHandle, FileHandle, FileSystem, Stat } from "../../fs/index.ts";
import type { AttributeRules, Directory } from "../../tree/index.ts";
import type { Pieces } from "./pieces.ts";
import type { Staged, Staging } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

/** How the receiver writes. */
export interface ReceiveOptions {
  readonly attributes: AttributeRules;
  readonly dryRun: boolean;
  /** What happens to a target entry that changed since the scan. */
  readonly onConflict: "skip" | "overwrite" | "keep-both";
  /** Which trouble on the target ends the run: a full or broken one, or (as rsync) any failed write. */
  readonly endsRunOn: "full" | "write-errors";
  /** Flush each file before it gets its name. */
  readonly fsync: boolean;
  readonly sparse: boolean;
  readonly preallocate: boolean;
  /** How content gets into files when it is more than "stage the whole file". */
  readonly content: ContentRules;
  /** New files belong to these ids unless set otherwise. */
  readonly euid: number;
  readonly egid: number;
  /** Privileged: may give files away and make devices. */
  readonly superUser: boolean;
  /** Privileged attributes are only pretended (--fake-super). */
  readonly fakeSuper: boolean;
  /** New entries have what their own directory gives them, wherever they are staged. */
  readonly staysLocal: boolean;
  /** Which extended attributes of a target entry are removed when the source lacks them; undefined = none. */
  readonly ownXattrs: ((name: ByteString) => boolean) | undefined;
  /** A non-empty directory may make way for a non-directory. */
  readonly force: boolean;
}

/** How content gets into regular files (rsync(1): --no-whole-file, --inplace, --append, --partial...). */
export interface ContentRules {
  /** Nothing below is in use: files are staged whole. Asked once per file. */
  readonly plain: boolean;
  /** Build files from what the target has and transfer only what differs. */
  readonly delta: boolean;
  /** Bytes in a block of a delta; undefined = by rsync's rule. */
  readonly blockLength: number | undefined;
  /** Write into the target's own file. */
  readonly inPlace: boolean;
  /** Only add to shorter files; "verify" checks what they have and mends it. Implies inPlace. */
  readonly append: "no" | "append" | "verify";
  /** Keep the data of a file that could not be finished. */
  readonly keepPartial: boolean;
  /** Where they are kept; undefined = under the file's own name. */
  readonly partials: PartialPlace | undefined;
  /** Without keepPartial, what is unfinished and has so many bytes waits in the run's own place; Infinity = nothing does. */
  readonly keepsFrom: number;
  /** Finished files wait for their names: until the end of the run, or until many of them have been flushed at once. */
  readonly delayed: "no" | "end" | "batch";
  /** But for files with several names (-H). */
  readonly linksNow: boolean;
  /** A device on the target takes content. */
  readonly writeDevices: boolean;
  /** A device of the source is read as if it were a file. */
  readonly copyDevices: boolean;
  /** Compare what was written with the source before it gets its name. */
  readonly readBack: boolean;
  /** Go on behind what an unfinished file has right already, also where no delta is made. */
  readonly resumes: boolean;
  /** Take over a file that changed while it was read, as rsync does, when reading it again did not help. */
  readonly acceptTorn: boolean;
}

/** Where interrupted files wait for the next run. */
export interface PartialPlace {
  /** "beside": a directory of this name next to the file; "apart": one directory for all. */
  readonly kind: "beside" | "apart";
  /** The name beside, or the path of the directory, or "" for the run's own place. */
  readonly path: ByteString;
}

/** An entry of the target that attributes are set on. */
export interface AttributePlace {
  readonly dir: DirHandle;
  /** "" = the directory itself. */
  readonly name: ByteString;
  /** Path in the transfer of the entry that it is or will be, for messages. */
  readonly path: ByteString;
}

/** The source side of one entry that is applied. */
export interface SourceEntry {
  readonly listing: Directory;
  readonly index: number;
  readonly name: ByteString;
  /** How messages name the source file; undefined = by `name`. */
  readonly label?: ByteString;
  /** Several lanes copied its content already. */
  readonly pieces?: Pieces;
  /** A file to build this one from instead of what the target has under the name (fuzzy, basis directories). */
  readonly basis?: { readonly dir: DirHandle; readonly name: ByteString };
}

/** Opens the content of source files; the receiver closes what it opened through the same door. */
export interface ContentSource {
  readonly fs: FileSystem;
  open(entry: SourceEntry): FileHandle;
  /** Says whether the file is still what the listing describes. */
  isUnchanged(file: FileHandle, entry: SourceEntry): boolean;
  /** Takes the file's present size and times into the listing; false when it is no regular file any more. */
  refresh(file: FileHandle, entry: SourceEntry): boolean;
  /** How many bytes of the file were taken from the target's own data before it was opened. Absent = none ever are. */
  matchedBytes?(file: FileHandle): number;
}

/**
 * What became of an entry that was to be kept: "moved" = its name is free, "left" = it is still there and may go,
 * "none" = there was nothing to keep, "failed" = it must stay, which was reported.
 */
export type BackupOutcome = "moved" | "left" | "none" | "failed";

/** Keeps what is about to be replaced or deleted (--backup). In dry runs `keep` only tells it, and `copy` is not asked. */
export interface BackupKeeper {
  /** Keeps the non-directory `name` of `place`. `goes`: it is deleted, not replaced, so that moving it is best. */
  keep(context: ReceiveContext, place: TargetPlace, name: ByteString, goes: boolean): BackupOutcome;
  /** Copies a file that is about to be written in place; false when that failed, which was reported. */
  copy(context: ReceiveContext, place: TargetPlace, name: ByteString): boolean;
  /** Says whether a name is that of a backup beside its original: these are not kept again when they are deleted. */
  isBackup(name: ByteString): boolean;
  /** Backups stand beside their originals. */
  readonly beside: boolean;
  /** Closes what it pinned. */
  close(): void;
}

/** Which old contents are kept for others to be made of, and under which names (held-contents.ts). */
export interface HeldContents {
  /** Says whether an old content of so many bytes is kept; what is said to be kept counts. */
  takes(size: number): boolean;
  /** The name in the staging directory of the old file `name` of the directory `path`. */
  nameOf(path: ByteString, name: ByteString): ByteString;
  /** A file that was removed is kept, or in a dry run would be. */
  removed(path: ByteString, name: ByteString, was: Stat): void;
}

/** Everything a receiver works with. One per lane. */
export interface ReceiveContext {
  readonly fs: FileSystem;
  readonly options: ReceiveOptions;
  readonly staging: Staging;
  /** Undefined = nothing is kept. */
  readonly backups: BackupKeeper | undefined;
  /**
   * Takes a directory that `staged` has changed places with: it and what it holds go with the deletions. Undefined =
   * only empty directories make way for something else.
   */
  readonly displaced?: ((place: TargetPlace, name: ByteString, staged: Staged) => void) | undefined;
  /** Undefined = what is replaced or removed is of no use to anybody. */
  readonly held?: HeldContents | undefined;
  /** This run gave new attributes to a file of the target that has several names; undefined = nobody keeps an eye on that. */
  readonly hasLinkedTarget?: (() => boolean) | undefined;
  /** Trouble with one path of the target. */
  problem(path: ByteString, operation: string, errno: number, message?: string): void;
  /** Trouble with one path of the source, met while its content was read. */
  sourceProblem(entry: SourceEntry, operation: string, errno: number, message?: string): void;
  note(topic: string, level: number, text: ByteString): void;
  /** Bytes of content that were read from the source, and taken from the target's own data. */
  count(literal: number, matched: number): void;
  /** What the search for blocks did (--debug=deltasum). */
  countMatches(matches: number, hashHits: number, falseAlarms: number): void;
  /** Notes content that was dealt with, and throttles; throws when the run was cancelled. */
  pace(bytes: number): void;
  /** Notes content that was dealt with without costing anything: matched data. */
  advance(bytes: number): void;
  /** Blocks while the run is over its rate; throws when the run was cancelled. */
  throttle(bytes: number): void;
  /** Bytes that may be moved between two calls of pace, so that a slow run still hears of its end. */
  readonly stepBytes: number;
  /** Opens the one directory of `content.partials`, made if missing and wanted; undefined = it is not there. */
  openPartials(make: boolean): DirHandle | undefined;
  /** The file at this path turned out wrong, and is transferred once more. */
  again(path: ByteString): void;
  /** Takes a finished file that shall get its name later (`content.delayed`). */
  delay(update: DelayedUpdate): void;
  /** Reports what makes going on senseless (the disk is full), and ends the run. */
  stop(path: ByteString, operation: string, errno: number): never;
}

/** A finished file that waits for its name. Plain values: it crosses threads. */
export interface DelayedUpdate {
  readonly name: ByteString;
  /**
   * Where it waits: a directory beside the file, the one directory for all, or staging; "named" = it has its name, and
   * only its source is still to go.
   */
  readonly where: "beside" | "apart" | "staged" | "named";
  /** Its name there, and for staging the path of the mount point that has it. */
  readonly waitingName: ByteString;
  readonly mount: ByteString;
  /** What the scan saw under the name: mode, size, mtime, its nanoseconds, both halves of ino, nlink. */
  readonly seen: readonly number[] | undefined;
  /** What it looks like, to recognise it should somebody else have brought it already. */
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly mtimeNanos: number;
  /** The source to remove afterwards. */
  readonly source?: SourceFile;
  /** The same where the source is on another machine: its row in the listing that came. */
  readonly row?: number;
}

/** A file of the source by name, as it was when it was read. */
export interface SourceFile {
  /** Index of the source root. */
  readonly root: number;
  /** Its directory below the root. */
  readonly directory: ByteString;
  readonly name: ByteString;
  /** So many bytes of `directory` were written by the operator: links among them are followed. */
  readonly named: number;
  readonly size: number;
  readonly mtime: number;
  readonly mtimeNanos: number;
}
