// What the target's end asks of the source's. Arrays, the kind first; bodies are for lanes and stay
// closed here.

import type { ByteString } from "../base/index.ts";
import type { CborCursor } from "../changeset/index.ts";
import { numbers, pack, reading, view } from "./message-fields.ts";
import { limits } from "./record-limits.ts";

/** Walk the source from its top and send every directory. Request lane. */
export interface WalkMessage {
  readonly kind: "walk";
  /** Number of the walk; directories carry it. */
  readonly walk: number;
  /** A walk before the real one, whose news nobody wants to hear twice. */
  readonly quiet: boolean;
  /** The one file gets this name on the target. */
  readonly lastName: ByteString | undefined;
  /** The one directory, which is empty, becomes the target. */
  readonly isLone: boolean;
  /** The target is empty: the content of small files shall come with their directories, without being asked for. */
  readonly ahead: boolean;
  /** As in SumsMessage, from the beginning. */
  readonly sums: number;
}

/** Send content. Request lane. */
export interface FetchMessage {
  readonly kind: "fetch";
  /** The answer has the same number. */
  readonly id: number;
  readonly directory: number;
  /** Bytes of the files, as they were listed: what may come, unless they have grown. */
  readonly bytes: number;
  readonly body: Uint8Array;
  /** Number of the signature that pieces are matched with. */
  readonly signature: number | undefined;
}

/** What the target has of a large file: pieces will be wanted that are matched with it. Request lane. */
export interface SignatureMessage {
  readonly kind: "signature";
  readonly id: number;
  readonly body: Uint8Array;
}

/** No piece will be matched with a signature any more. Request lane. */
export interface DropMessage {
  readonly kind: "drop";
  readonly id: number;
}

/** The target is done with these directories. Request lane. */
export interface ReleaseMessage {
  readonly kind: "release";
  readonly directories: readonly number[];
}

/** The target's end has begun with directories: so much more may come. Request lane. */
export interface TakenMessage {
  readonly kind: "taken";
  readonly directories: number;
  readonly bytes: number;
}

/** The target's end has no time to take what comes: it is not the line that is slow. Request lane. */
export interface BusyMessage {
  readonly kind: "busy";
}

/** Digests of the files shall come with the directories that are walked from now on, or no longer. Request lane. */
export interface DigestsMessage {
  readonly kind: "digests";
  readonly wanted: boolean;
}

/**
 * Where the target may have the same, a sum stands for the record of the directories that are walked from now on: of so many
 * columns (directory-sum.ts); 0 = no longer. Request lane.
 */
export interface SumsMessage {
  readonly kind: "sums";
  readonly columns: number;
}

/** The target has not what a sum was of: send the record. Request lane. */
export interface ListMessage {
  readonly kind: "list";
  readonly directory: number;
}

/** Remove files that the target has (--remove-source-files). Request lane; the answer is what was met, as content. */
export interface RemoveMessage {
  readonly kind: "remove";
  /** The answer has the same number. */
  readonly id: number;
  readonly directory: number;
  readonly rows: readonly number[];
  /** For each of them, which file stands on the target. */
  readonly copies: readonly FileCopy[];
  /** Which machine the target is, if it knows. */
  readonly machine: ByteString | undefined;
}

/** Which file stands on the target: should it be the source's own, that one stays. */
export interface FileCopy {
  readonly devMajor: number;
  readonly devMinor: number;
  readonly inoHigh: number;
  readonly inoLow: number;
  readonly ctime: number;
  readonly ctimeNanos: number;
}

/** Any message of the request lane. */
export type RequestMessage =
  | WalkMessage
  | FetchMessage
  | ReleaseMessage
  | TakenMessage
  | SignatureMessage
  | DropMessage
  | RemoveMessage
  | BusyMessage
  | DigestsMessage
  | SumsMessage
  | ListMessage;

const requestKinds = [
  "walk",
  "fetch",
  "release",
  "taken",
  "signature",
  "drop",
  "remove",
  "busy",
  "digests",
  "sums",
  "list",
] as const;

/** Returns the message's bytes. */
export function encodeRequest(message: RequestMessage): Uint8Array {
  const kind = requestKinds.indexOf(message.kind);
  switch (message.kind) {
    case "walk":
      return packWalk(kind, message);
    case "fetch":
      return packFetch(kind, message);
    case "release":
      return pack(kind, message.directories);
    case "taken":
      return pack(kind, message.directories, message.bytes);
    case "signature":
      return pack(kind, message.id, message.body);
    case "drop":
      return pack(kind, message.id);
    case "remove":
      return packRemove(kind, message);
    case "busy":
      return pack(kind);
    case "digests":
      return pack(kind, message.wanted);
    case "sums":
      return pack(kind, message.columns);
    case "list":
      return pack(kind, message.directory);
  }
}

function packWalk(kind: number, message: WalkMessage): Uint8Array {
  const { walk, quiet, lastName, isLone, ahead, sums } = message;
  return pack(kind, walk, quiet, lastName, isLone, ahead, sums);
}

function packFetch(kind: number, message: FetchMessage): Uint8Array {
  const { id, directory, bytes, body, signature } = message;
  return pack(kind, id, directory, bytes, body, signature);
}

function packRemove(kind: number, message: RemoveMessage): Uint8Array {
  const { id, directory, rows, copies, machine } = message;
  const fields: number[] = [];
  for (const { devMajor, devMinor, inoHigh, inoLow, ctime, ctimeNanos } of copies) {
    fields.push(devMajor, devMinor, inoHigh, inoLow, ctime, ctimeNanos);
  }
  return pack(kind, id, directory, rows, fields, machine);
}

/** Reads a message of the request lane; a body is a view. Throws a protocol-data error. */
export function decodeRequest(bytes: Uint8Array): RequestMessage {
  return reading("request", bytes, 7, (cursor, fields): RequestMessage => {
    const kind = requestKinds[cursor.uint("kind", requestKinds.length - 1)];
    if (kind === "walk" && fields === 7) return decodeWalk(cursor);
    if (kind === "fetch" && fields === 6) return decodeFetch(cursor);
    if (kind === "release" && fields === 2) return { kind, directories: numbers(cursor) };
    if (kind === "taken" && fields === 3) {
      return { kind, directories: cursor.uint("directories"), bytes: cursor.uint("bytes") };
    }
    if (kind === "signature" && fields === 3) {
      return { kind, id: cursor.uint("id"), body: view(cursor, "signature") };
    }
    if (kind === "remove" && fields === 6) return decodeRemove(cursor);
    const short = decodeShort(cursor, kind, fields);
    if (short === undefined) throw cursor.error("message", "it has not the fields of its kind");
    return short;
  });
}

/** Reads a message of one field besides the kind, or of none. */
function decodeShort(
  cursor: CborCursor,
  kind: RequestMessage["kind"] | undefined,
  fields: number,
): RequestMessage | undefined {
  if (kind === "busy" && fields === 1) return { kind };
  if (kind === "drop" && fields === 2) return { kind, id: cursor.uint("id") };
  if (kind === "digests" && fields === 2) return { kind, wanted: cursor.bool("wanted") };
  if (kind === "sums" && fields === 2) return { kind, columns: cursor.uint("columns", 0xff) };
  if (kind === "list" && fields === 2) return { kind, directory: cursor.uint("directory") };
  return undefined;
}

function decodeFetch(cursor: CborCursor): FetchMessage {
  const [id, directory] = [cursor.uint("id"), cursor.uint("directory")];
  const bytes = cursor.uint("bytes");
  const body = view(cursor, "wishes");
  const signature = cursor.isNull() ? undefined : cursor.uint("signature");
  return { kind: "fetch", id, directory, bytes, body, signature };
}

function decodeRemove(cursor: CborCursor): RemoveMessage {
  const [id, directory] = [cursor.uint("id"), cursor.uint("directory")];
  const rows = numbers(cursor);
  const count = cursor.array("copies", limits.events);
  if (count !== rows.length * 6) throw cursor.error("copies", "there is not one for each row");
  const field = (): number => cursor.int("copy");
  const copies = rows.map(() => ({
    ...{ devMajor: field(), devMinor: field(), inoHigh: field(), inoLow: field() },
    ...{ ctime: field(), ctimeNanos: field() },
  }));
  const machine = cursor.isNull() ? undefined : cursor.byteString("machine", limits.nameBytes);
  return { kind: "remove", id, directory, rows, copies, machine };
}

function decodeWalk(cursor: CborCursor): WalkMessage {
  return {
    kind: "walk",
    walk: cursor.uint("walk"),
    quiet: cursor.bool("quiet"),
    lastName: cursor.isNull() ? undefined : cursor.byteString("name", limits.nameBytes),
    isLone: cursor.bool("lone"),
    ahead: cursor.bool("ahead"),
    sums: cursor.uint("sums", 0xff),
  };
}
