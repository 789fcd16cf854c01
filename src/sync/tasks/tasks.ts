// The tasks that lanes run and what they answer. Plain values: they cross threads.

import type { ByteString, ErrorCode } from "../../base/index.ts";
import type { FrozenOrders } from "../../changeset/index.ts";
import type { DelayedUpdate, NamedGroup, Origin } from "../../pipeline/index.ts";
import type { FrozenDirectory, ProgressEvent } from "../../tree/index.ts";
import type { ApplyTask } from "./apply-task.ts";
import type { CloseTask, ClosingDirectory } from "./close-task.ts";
import type { CutResult, CutTask, EntryParts } from "./content-index-tasks.ts";
import type { Extras } from "./extras.ts";
import type {
  FarSurvey,
  FarSurveyResult,
  MovedFiles,
  PullNews,
  RangeWish,
  ReadResult,
  ReadTask,
  RemovedResult,
  RemoveTask,
  WishedAgain,
  WishResult,
  WishTask,
} from "./far-tasks.ts";
import type { LargeResult, LargeTask } from "./large-file-tasks.ts";
import type { MoveBases, SeekResult, SeekTask, WaitingRows } from "./move-tasks.ts";
import type { Told } from "./range.ts";

export type { ApplyTask } from "./apply-task.ts";
export type { ClosingDirectory } from "./close-task.ts";

/** Scan both sides of one directory, diff them, and apply what is small enough. */
export interface SurveyTask extends FarSurvey {
  readonly kind: "survey";
  readonly node: number;
  readonly path: ByteString;
  readonly origins: readonly Origin[];
  readonly named: readonly NamedGroup[];
  /** The entry "." when the transfer has one: the root's own attributes travel. */
  readonly self: NamedGroup | undefined;
  /** The target directory is there; false = it would have been made, but this is a dry run. */
  readonly targetExists: boolean;
  /** The target takes nothing of it: what the source has is only counted. */
  readonly isUnwanted: boolean;
  /** This run has made it: nothing is in it. */
  readonly isNew: boolean;
  /** The name in staging of a directory that this run made there and that gets its own name when it is filled. */
  readonly apart: ByteString | undefined;
  /** What the target has and the source has not may be deleted here. */
  readonly deletes: boolean;
  /** It is deleted now, before anything else happens in the directory; false = it is returned. */
  readonly deletesNow: boolean;
  /** The nearest directory, this one or above, that an argument named: deletions stay on its device under -x. */
  readonly top: ByteString;
  /** Read and compare only: the pass of --delete-before. */
  readonly deletionsOnly: boolean;
  /** The lane may go on with subdirectories that stand on the target as the source has them. */
  readonly goesBelow: boolean;
}

/** Remove a directory that an entry of another type has taken the place of; it lies in staging. */
export interface DisplacedTask {
  readonly kind: "displaced";
  /** Place in the order of all deletions. */
  readonly sequence: number;
  readonly directory: DisplacedDirectory;
}

/** Such a directory. */
export interface DisplacedDirectory {
  /** The path that it had. */
  readonly path: ByteString;
  readonly mount: ByteString;
  /** Undefined in a dry run: it is where it was. */
  readonly stagedName: ByteString | undefined;
}

/** Remove extra entries `from` up to `to` of one target directory, last first. */
export interface DeleteTask {
  readonly kind: "delete";
  /** Place in the order of all deletions. */
  readonly sequence: number;
  readonly path: ByteString;
  readonly extras: Extras;
  readonly from: number;
  readonly to: number;
  /** Filters have not been asked yet (--delete-after). */
  readonly unfiltered: boolean;
  /** Paths that stay. */
  readonly withheld?: readonly ByteString[];
}

/** Give files that waited for it their names. */
export interface RenameTask {
  readonly kind: "rename";
  readonly sequence: number;
  readonly groups: readonly DelayedGroup[];
  /** Flush what was written before any of them gets its name. */
  readonly flushes: boolean;
}

/** Files of one directory that waited. */
export interface DelayedGroup {
  readonly path: ByteString;
  readonly updates: readonly DelayedUpdate[];
  /** The directory's number at the source's end, where that is on another machine. */
  readonly far: number;
}

/** Any task. */
export type LaneTask =
  | SurveyTask
  | ApplyTask
  | LargeTask
  | WishTask
  | ReadTask
  | RemoveTask
  | SeekTask
  | CutTask
  | CloseTask
  | DeleteTask
  | DisplacedTask
  | RenameTask;

/** What a survey found and did. */
export interface SurveyResult extends FarSurveyResult {
  readonly kind: "survey";
  readonly node: number;
  /** Told before the line of the directory itself: its deletions. */
  readonly early: readonly ProgressEvent[];
  /** Entries of the source in this directory, and in those below that are left out because there is nothing to tell of them. */
  readonly entries: number;
  /** In listing order. */
  readonly events: readonly ProgressEvent[];
  /** The directories of the listing with their orders; undefined when there are none. */
  readonly subdirs: Subdirectories | undefined;
  /** Orders that were not applied yet, from entry `from` on. */
  readonly rest: RestOfDirectory | undefined;
  /** Entries that wait until all of the target has been seen; undefined = none. */
  readonly waits?: WaitingRows | undefined;
  /** Only the names that the source has were looked at: there may be others. */
  readonly isProbed?: boolean;
  /** Directories of the target that nobody will list, and that are not among `extras`: names. */
  readonly strays?: readonly ByteString[] | undefined;
  /** What is to be deleted later, in listing order. */
  readonly extras: Extras | undefined;
  /** Something was made, replaced or removed in this directory: its times need setting again. */
  readonly touched: boolean;
  /** Files that wait for their names. */
  readonly delayed: readonly DelayedUpdate[];
  /** The target's file system that was worked on, where the run will flush it. */
  readonly device: string | undefined;
  /** Final attributes of the root itself, when it travels. */
  readonly self: SelfResult | undefined;
}

/** The root's own entry: its final attributes, and whether they must be set in any case. */
export interface SelfResult {
  readonly closing: ClosingDirectory;
  readonly mustClose: boolean;
}

/** The subdirectories of a surveyed directory. */
export interface Subdirectories {
  readonly listing: FrozenDirectory;
  /** Which of the directory's subdirectories they are; undefined = all. */
  readonly places?: Uint32Array;
  readonly orders: FrozenOrders;
  /** Applied: the directory stands on the target (or would, in a dry run). 0 = failed or skipped. */
  readonly made: Uint8Array;
  /** Names in staging of directories that were made there, by place in the listing. */
  readonly apart: ReadonlyMap<number, ByteString> | undefined;
  /** Surveys of some of them that came along, by place in the listing; their `node` says nothing. */
  readonly brought?: ReadonlyMap<number, SurveyResult> | undefined;
}

/** What is known of entries that waited until all of the target had been seen. */
export interface Waited {
  readonly rows: Uint32Array;
  readonly bases: MoveBases;
  /** Parts that files of the target have; undefined = nobody has looked. */
  readonly parts?: EntryParts | undefined;
}

/** Orders that a survey left to be applied in ranges. */
export interface RestOfDirectory {
  readonly source: FrozenDirectory;
  readonly target: FrozenDirectory;
  readonly orders: FrozenOrders;
  /** Entries from here up to `to` are open; directories among them are done already. */
  readonly from: number;
  readonly to: number;
  /** Entries that take about as long as one task should; undefined = as many as usual. */
  readonly entriesMax: number | undefined;
  /** Which entries of the directory's own listing they are, and what they may be made of, where they waited. */
  readonly waited?: Waited | undefined;
  readonly told?: Told | undefined;
  /** What the open entries need of a source that is elsewhere, where they are so few and small that they are one range. */
  readonly wish?: RangeWish | undefined;
}

/** What applying a range did. */
export interface ApplyResult {
  readonly kind: "apply";
  readonly node: number;
  readonly from: number;
  readonly events: readonly ProgressEvent[];
  readonly touched: boolean;
  /** Every order of the range was carried out, or needed nothing. */
  readonly complete: boolean;
  /** Files that get their names at the end of the run. */
  readonly delayed: readonly DelayedUpdate[];
  /** Files of the target whose content was to go on under other names, and does not: they stay. */
  readonly missed?: readonly ByteString[];
  /** Nothing was done: some of the range has to be wished for once more. */
  readonly again?: WishedAgain;
  /** Entries that are to be wished for once more, and applied, without what else was: the tasks of each. */
  readonly putOff?: readonly ApplyTask[];
}

/** What a range that is under way has to tell already. */
export interface NewsOfRange {
  readonly kind: "news";
  readonly node: number;
  readonly from: number;
  readonly events: readonly ProgressEvent[];
}

/** What a deletion did. */
export interface DeleteResult {
  readonly kind: "delete";
  readonly sequence: number;
  readonly events: readonly ProgressEvent[];
  readonly touched: boolean;
}

/** What giving delayed files their names did. */
export interface RenameResult {
  readonly kind: "rename";
  readonly sequence: number;
  readonly events: readonly ProgressEvent[];
}

/** Answer to a close task, or to any task of a cancelled run. */
export interface PlainResult {
  readonly kind: "close" | "cancelled";
  readonly events: readonly ProgressEvent[];
}

/** A task met what ends the run. */
export interface FailedResult {
  readonly kind: "failed";
  readonly events: readonly ProgressEvent[];
  /** As it crosses threads: an error of the table, taken apart. */
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

/**
 * Any answer, with the directories that something else has taken the place of meanwhile, the files whose source, on
 * another machine, is to go, and those that were seen and may be of use to others.
 */
export type LaneResult = (
  | SurveyResult
  | ApplyResult
  | NewsOfRange
  | LargeResult
  | WishResult
  | PullNews
  | ReadResult
  | RemovedResult
  | SeekResult
  | CutResult
  | DeleteResult
  | RenameResult
  | PlainResult
  | FailedResult
) & {
  readonly displaced?: readonly DisplacedDirectory[];
  readonly moved?: readonly MovedFiles[];
  /** Where files of the target are written down from now on that others may be made of (pipeline's FileLog). */
  readonly files?: readonly SharedArrayBuffer[];
};
