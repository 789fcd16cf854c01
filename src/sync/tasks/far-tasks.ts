// Tasks of runs whose other end is on another machine. Plain values: they cross threads.

import type { ByteString } from "../../base/index.ts";
import type { NamedGroup, Origin } from "../../pipeline/index.ts";
import type { AheadContent, FileCopy, HeldParts } from "../../session/index.ts";
import type { FrozenDirectory, ProgressEvent } from "../../tree/index.ts";
import type { ApplyTask } from "./apply-task.ts";
import type { MoveBases } from "./move-tasks.ts";

/** Find out what a range of entries needs of the source. The target's end. */
export interface WishTask extends Omit<ApplyTask, "kind"> {
  readonly kind: "wish";
  /** A large file may come in pieces while it is written. */
  readonly streams: boolean;
}

/** Content of a range comes as one message: this much of it, or one file. */
export const farRangeBytesMax = 2 * 1024 * 1024;

/** What a range needs of the source. */
export interface RangeWish {
  /** Session's record of wishes; undefined = nothing. */
  readonly body: Uint8Array | undefined;
  /** Bytes of the files that are wanted. */
  readonly bytes: number;
  /** For each of the files, what changes about it, where the source's end wants to hear of that. */
  readonly changes?: readonly number[] | undefined;
}

/** What a range needs. */
export interface WishResult extends RangeWish {
  readonly kind: "wish";
  readonly node: number;
  readonly from: number;
  /** What the range's entries may be made of, as far as that was told. */
  readonly bases?: MoveBases | undefined;
  /** The range is one large file, whose content comes in pieces while it is written. */
  readonly stream: StreamWish | undefined;
}

/** What of a range that came has to be wished for once more. */
export interface WishedAgain {
  /** Entries, by their place in the range. */
  readonly lacks: readonly number[];
  /** What the range's entries may be made of now; undefined = nothing is known of that. */
  readonly bases: MoveBases | undefined;
}

/** A large file that is wanted. */
export interface StreamWish {
  readonly row: number;
  readonly size: number;
  /** Nothing before this is wanted (--append). */
  readonly start: number;
  /** Of what the target has under the name. */
  readonly digest: Uint8Array | undefined;
  /** Of other files that it has. */
  readonly known: readonly Uint8Array[];
  /** Session's record. */
  readonly signature: Uint8Array | undefined;
  readonly inPlace: boolean;
  /** What changes about it. */
  readonly changes: number;
  /** Parts that the target has. */
  readonly held?: HeldParts | undefined;
}

/** A lane wants a large file's content from `position` on; it needs nothing before that any more. */
export interface PullNews {
  readonly kind: "pull";
  readonly node: number;
  readonly from: number;
  readonly position: number;
  /** Messages that it has taken from its feed so far; it needs none of them any more. */
  readonly taken: number;
}

/** From this size on a file's content comes in pieces. */
export const streamBytesMin = 4 * 1024 * 1024;
/** A piece, and a message with a piece in it. */
export const streamPieceBytes = streamBytesMin - 256 * 1024;
export const pieceMessageBytesMax = streamBytesMin - 8;

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
  /** Bytes of the files, as they were listed. */
  readonly bytes: number;
  /** Shared memory to read into. */
  readonly room: Uint8Array;
  /** What pieces are matched with: session's record of a signature, and its number. */
  readonly signature: { readonly id: number; readonly record: Uint8Array } | undefined;
  /** Nothing is read for the other end, but the checksum of the one file from there up to so many bytes; undefined = otherwise. */
  readonly sumOf?: { readonly row: number; readonly from: number; readonly bytes: number };
  /** What of the content is compressed: "updates" is of files of which the target has something. */
  readonly compresses: "all" | "updates" | "nothing";
}

/** What a file has become that goes to a target's end with rsync's protocol. */
export interface FramedFile {
  readonly row: number;
  /** Where its tokens stand in the memory that was read into. */
  readonly start: number;
  readonly end: number;
  /** What could not be done with it, as for a problem; undefined = it was read. */
  readonly failed: { readonly operation: ByteString; readonly errno: number } | undefined;
  /** Of the file, or of the piece: where it began, where what is told of it ends, how long the file is. */
  readonly position: number;
  readonly reached: number;
  readonly size: number;
  /** Bytes that are sent, and that the other end has. */
  readonly literal: number;
  readonly matched: number;
  /** The whole file's checksum; undefined = only a piece was read. */
  readonly sum: Uint8Array | undefined;
  /** It begins, and it ends, with bytes that are sent. */
  readonly isLiteralFirst: boolean;
  readonly isLiteralLast: boolean;
}

/** Content of a directory's first files goes with it, without having been asked for: how much, and of how many entries. */
export const aheadBytesMax = 8 * 1024 * 1024;
export const aheadEntriesMax = 2000;
/** Digests that go with a directory are of so many bytes of files: both ends read them before anything else is done there. */
export const toldBytesMax = 16 * 1024 * 1024;
/** And they are read for no longer: on slow storage several lanes take them up, range by range. */
export const toldMsMax = 100;
/** Memory for content that goes with a directory, unless there is larger one: enough for most directories. */
export const aheadRoomBytes = 256 * 1024;

/** How that is read. */
export interface AheadTask {
  /** Shared memory to read into. */
  readonly room: Uint8Array;
  readonly isCompressed: boolean;
}

/** Content as it goes to the other end. */
export interface ReadBytes {
  /** What goes ahead of the bytes of files, and these. */
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  /** The memory that was read into, which may be larger than what came with the task. */
  readonly room: Uint8Array;
  /** What came with the task and was too small. */
  readonly spare?: Uint8Array | undefined;
}

/** A directory of the source that has come, by the numbers that its end gives. */
export interface BelowRecord {
  readonly directory: number;
  readonly parent: number;
  /** Which of the parent's subdirectories it is. */
  readonly index: number;
  readonly record: Uint8Array;
}

/** A directory of the source on its way to another machine. */
export interface SendingDirectory {
  /** Its number. */
  readonly directory: number;
  /** Session's directory record. */
  readonly record: Uint8Array;
  /** It is a sum, in the place of one. */
  readonly isSum: boolean;
  /** The listing that wishes for content will be about. */
  readonly listing: FrozenDirectory;
  /** Content that goes with it; undefined = it was not to. */
  readonly ahead?: ReadBytes | undefined;
}

/** What the survey of a directory has to know where the run has two ends. */
export interface FarSurvey {
  /** The source's side as it came from the other machine (session's directory record), and its number there. */
  readonly record?: Uint8Array;
  readonly far?: number;
  /** Content that came with it (session's content): of its first files, which are new. */
  readonly content?: Uint8Array | undefined;
  /** The same, opened, while the survey goes on. */
  readonly ahead?: AheadContent | undefined;
  /** Directories below that have come: it may go on with them. */
  readonly below?: readonly BelowRecord[] | undefined;
  /** Content of small files is sent with the directory. The source's end. */
  readonly sendsAhead?: AheadTask | undefined;
  /** Digests of files are sent with the directory. The source's end. */
  readonly tellsDigests?: boolean | undefined;
  /** A sum of so many columns may go in the place of the directory's record; 0 or undefined = not. The source's end. */
  readonly tellsSums?: number | undefined;
  /** So many directories below may be sent with it. The source's end. */
  readonly sendsBelow?: number | undefined;
}

/** What the target's end met, for what it asks for from there on. */
export interface Looked {
  /** Files that were looked at, and those of them of whose content digests tell whether it is wanted. */
  readonly files: number;
  readonly alike: number;
  /** Sums that came, and those of them of something that the target has not. */
  readonly sums: number;
  readonly others: number;
}

/** Returns that of which nothing was met yet. */
export function nothingLooked(): { -readonly [Name in keyof Looked]: number } {
  return { files: 0, alike: 0, sums: 0, others: 0 };
}

/** What comes of it. */
export interface FarSurveyResult {
  /** What goes to the target's end, and what goes with it, parents first. */
  readonly sending?: SendingDirectory;
  readonly below?: readonly SendingBelow[];
  /** Of `below` that came with the task, places of those that were read, and of those about which nothing will be asked. */
  readonly read?: readonly number[];
  readonly quiet?: readonly number[];
  /** And places of those whose record is needed: what came was a sum of something that the target has not. */
  readonly unlisted?: readonly number[];
  /** The same of the directory itself: nothing else is said of it. */
  readonly isUnlisted?: boolean;
  readonly looked?: Looked;
  /** The directory's number at the source's end, where its survey came along with that of one above. */
  readonly far?: number;
}

/** A directory that goes with one above it: with its parent's number, and with what wishes will be about. */
export interface SendingBelow extends SendingDirectory {
  readonly parent: number;
  readonly index: number;
  readonly path: ByteString;
  readonly origins: readonly Origin[];
}

/** What was read, as session's record of content. */
export interface ReadResult extends ReadBytes {
  readonly kind: "read";
  readonly id: number;
  /** Instead of the record, where the other end speaks rsync's protocol. */
  readonly framed?: readonly FramedFile[];
}

/** Files of a directory of the source that the target has, and that are to be removed there. */
export interface MovedFiles {
  /** The directory's number at the source's end; undefined = the task's own. */
  readonly directory: number | undefined;
  /** Places in the listing that came. */
  readonly rows: readonly number[];
  /** For each of them, what stands on the target. */
  readonly copies: readonly FileCopy[];
}

/** Remove files that the target has. The source's end. */
export interface RemoveTask
  extends Pick<ReadTask, "id" | "path" | "origins" | "named" | "listing"> {
  readonly kind: "remove";
  readonly rows: readonly number[];
  readonly copies: readonly FileCopy[];
  /** Both ends may be of one machine: device numbers mean the same to both. */
  readonly isSameMachine: boolean;
}

/** What was met. */
export interface RemovedResult {
  readonly kind: "removed";
  readonly id: number;
  readonly events: readonly ProgressEvent[];
}
