// What the two ends say to one another before a run that is recorded: the source's end writes the changeset, and
// needs to know what the target has. Listings and changesets travel as they are written, in pieces. Arrays, the
// kind first.

import type { ByteString } from "../base/index.ts";
import type { ProgressEvent } from "../tree/index.ts";
import { decodeEvents, encodeEvents } from "./event-record.ts";
import { pack, reading, view, writer } from "./message-fields.ts";
import { limits } from "./record-limits.ts";

/** What the target's end says. Request lane. */
export type RecordRequest =
  /** Record the run; the one entry is called so on the target, or is the target. */
  | {
      readonly kind: "record";
      readonly lastName: ByteString | undefined;
      readonly isLone: boolean;
      /** All of the target is listed, whatever the source has. */
      readonly listsAll: boolean;
      /** With content; without it, it tells what the run would do. */
      readonly hasData: boolean;
    }
  /** A piece of the target's listings; without a byte: that was all. */
  | { readonly kind: "standing"; readonly piece: Uint8Array }
  /** Digests of the files that were asked for, zeros for what cannot be read; without a byte: that was all. */
  | { readonly kind: "known"; readonly piece: Uint8Array }
  /** A piece of the changeset that undoes the run, for the client; without a byte: it is whole, and where the client is, on the disk. */
  | { readonly kind: "restoring"; readonly piece: Uint8Array };

/** What the source's end says. Listing lane. */
export type RecordAnswer =
  /** A piece of the listings of directories that the source enters; without a byte: that was all. */
  | { readonly kind: "entered"; readonly piece: Uint8Array }
  /** Paths of files of the target, each with a NUL behind it, whose digests are wanted; without a byte: that was all. */
  | { readonly kind: "asked"; readonly piece: Uint8Array }
  /** A piece of the changeset, for the client. */
  | { readonly kind: "recorded"; readonly piece: Uint8Array }
  /** It is whole; what is missing from it, and the exit status that it deserves. */
  | {
      readonly kind: "record-end";
      readonly exit: number;
      readonly events: readonly ProgressEvent[];
    };

/** Numbers of kinds go on where those of the lane's other messages end. */
const recordKind = 7;
const standingKind = 8;
const knownKind = 9;
const restoringKind = 10;
const enteredKind = 3;
const recordedKind = 4;
const endKind = 5;
const askedKind = 6;

/** Returns the message's bytes. */
export function encodeRecordRequest(message: RecordRequest): Uint8Array {
  if (message.kind === "standing") return pack(standingKind, message.piece);
  if (message.kind === "known") return pack(knownKind, message.piece);
  if (message.kind === "restoring") return pack(restoringKind, message.piece);
  return pack(recordKind, message.lastName, message.isLone, message.listsAll, message.hasData);
}

/** Reads a message of the request lane; a piece is a view. Throws a protocol-data error. */
export function decodeRecordRequest(bytes: Uint8Array): RecordRequest {
  return reading("recording", bytes, 5, (cursor, fields): RecordRequest => {
    const kind = cursor.uint("kind", restoringKind);
    if (kind === standingKind && fields === 2) {
      return { kind: "standing", piece: view(cursor, "piece") };
    }
    if (kind === knownKind && fields === 2) return { kind: "known", piece: view(cursor, "piece") };
    if (kind === restoringKind && fields === 2) {
      return { kind: "restoring", piece: view(cursor, "piece") };
    }
    if (kind !== recordKind || fields !== 5) {
      throw cursor.error("message", "it has not the fields of its kind");
    }
    const lastName = cursor.isNull() ? undefined : cursor.byteString("name", limits.nameBytes);
    const [isLone, listsAll] = [cursor.bool("lone"), cursor.bool("all")];
    return { kind: "record", lastName, isLone, listsAll, hasData: cursor.bool("data") };
  });
}

/** Returns the message's bytes. */
export function encodeRecordAnswer(message: RecordAnswer): Uint8Array {
  if (message.kind === "entered") return pack(enteredKind, message.piece);
  if (message.kind === "asked") return pack(askedKind, message.piece);
  if (message.kind === "recorded") return pack(recordedKind, message.piece);
  writer.clear();
  writer.array(3);
  writer.int(endKind);
  writer.int(message.exit);
  encodeEvents(writer, message.events);
  return writer.written.slice();
}

/** Reads a message of the listing lane; a piece is a view. Throws a protocol-data error. */
export function decodeRecordAnswer(bytes: Uint8Array): RecordAnswer {
  return reading("recording", bytes, 3, (cursor, fields): RecordAnswer => {
    const kind = cursor.uint("kind", askedKind);
    if (kind === enteredKind && fields === 2) {
      return { kind: "entered", piece: view(cursor, "piece") };
    }
    if (kind === askedKind && fields === 2) return { kind: "asked", piece: view(cursor, "piece") };
    if (kind === recordedKind && fields === 2) {
      return { kind: "recorded", piece: view(cursor, "piece") };
    }
    if (kind !== endKind || fields !== 3) {
      throw cursor.error("message", "it has not the fields of its kind");
    }
    return { kind: "record-end", exit: cursor.uint("exit", 255), events: decodeEvents(cursor) };
  });
}
