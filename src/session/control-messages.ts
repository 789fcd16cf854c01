// Control messages: how a run between two ends begins, what each end says of itself first, how it ends.
// Arrays, the kind first.

import { type ByteString, type ErrorCode, errorTable } from "../base/index.ts";
import type { CborCursor } from "../changeset/index.ts";
import type { ProgressEvent } from "../tree/index.ts";
import { type DatagramsMessage, datagramsFields, decodeDatagrams } from "./datagrams-message.ts";
import { decodeEvents, encodeEvents } from "./event-record.ts";
import { type Field, pack, put, reading, strings, writer } from "./message-fields.ts";
import { limits } from "./record-limits.ts";

/** Which end of the run the agent is to be; "catch" = a target of a cast. */
export type EndRole = "source" | "target" | "catch";

/**
 * What the agent makes of the places: takes them as they stand, matches wildcards against its files, does that and knows ~
 * as a home directory, or takes what its own command line says instead, where a shell has been.
 */
export type Expansion = "none" | "wildcards" | "home" | "command-line";

/** A list of names on the agent's machine. */
export interface FarList {
  readonly path: ByteString;
  /** Its lines end with NUL. */
  readonly from0: boolean;
}

/** The client tells the agent what to do. Control lane. */
export interface StartMessage {
  readonly kind: "start";
  readonly role: EndRole;
  readonly personality: "manifold" | "manifold-rsync";
  /** Options as on a command line; the places stand apart, as they are. */
  readonly options: readonly ByteString[];
  readonly places: readonly ByteString[];
  readonly expansion: Expansion;
  /** Filter rules, read from wherever they were, one a line. */
  readonly rules: readonly ByteString[];
  /** The lines of --files-from, or where they are on the agent's machine; undefined = there is no list. */
  readonly list: Uint8Array | FarList | undefined;
  /** To a target whose source is on a third machine: what that was asked for; undefined = the source is trusted. */
  readonly asked: AskedMessage | undefined;
}

/** What the start message of another end has, as far as it says what is wanted. */
export type AskedMessage = Pick<StartMessage, "places" | "expansion" | "list">;

/** The agent's machine has the list of --files-from, which a source's client asked for. Control lane. */
export interface ListMessage {
  readonly kind: "list";
  /** A NUL behind each name. */
  readonly list: Uint8Array;
}

/** The source's end has looked at its arguments. Control lane. */
export interface EndsMessage {
  readonly kind: "ends";
  /** Entries that arguments bring to the top, as far as the target must know: 0, 1, or more. */
  readonly mentions: number;
  /** The one entry is a directory, is something else; "dot" = it is only the top itself. */
  readonly lone: "dot" | "directory" | "empty-directory" | "file";
  /** Contents of a directory stand in the top. */
  readonly poured: boolean;
  /** Something could not be looked at: nothing may be deleted. */
  readonly incomplete: boolean;
  /** How messages name each source root. */
  readonly labels: readonly ByteString[];
  readonly events: readonly ProgressEvent[];
}

/** The target's end has done everything. Control lane. */
export interface EndedMessage {
  readonly kind: "ended";
  readonly exit: number;
}

/** One end cannot go on. Control lane. */
export interface FailedMessage {
  readonly kind: "failed";
  readonly code: ErrorCode;
  readonly message: ByteString;
}

/** The client wants the run to end. Control lane. */
export interface CancelMessage {
  readonly kind: "cancel";
}

/** The target's end has looked at its place: what the client tells first. Control lane. */
export interface PlaceMessage {
  readonly kind: "place";
  readonly label: ByteString;
  readonly created:
    | { readonly path: ByteString; readonly madeByMkpath: number; readonly isTarget: boolean }
    | undefined;
}

/** A token's length. */
export const joinTokenBytes = 16;

/** The agent waits for more connections of this run; undefined = it cannot. Control lane. */
export interface JoinableMessage {
  readonly kind: "joinable";
  /** 16 bytes that nobody else knows. */
  readonly token: Uint8Array | undefined;
}

/** In the place of start: the connection is one more of a run that is under way. Control lane. */
export interface JoinMessage {
  readonly kind: "join";
  readonly token: Uint8Array;
}

/** Any message of the control lane. */
export type ControlMessage =
  | StartMessage
  | EndsMessage
  | EndedMessage
  | FailedMessage
  | CancelMessage
  | PlaceMessage
  | ListMessage
  | JoinableMessage
  | JoinMessage
  | DatagramsMessage;

const controlKinds = [
  "start",
  "ends",
  "ended",
  "failed",
  "cancel",
  "place",
  "list",
  "joinable",
  "join",
  "datagrams",
] as const;
const expansions = ["none", "wildcards", "home", "command-line"] as const;
const lones = ["dot", "directory", "empty-directory", "file"] as const;

/** Returns the message's bytes. */
export function encodeControl(message: ControlMessage): Uint8Array {
  const kind = controlKinds.indexOf(message.kind);
  switch (message.kind) {
    case "start": {
      const { role, personality, options, rules, asked } = message;
      const isSource = role === "catch" ? undefined : role === "source";
      const ends = [isSource, personality === "manifold"] as const;
      const [places, expansion, ...lists] = wantedFields(message);
      const where = [options, places, expansion, rules] as const;
      return pack(kind, ...ends, ...where, ...lists, asked && wantedFields(asked));
    }
    case "list":
      return pack(kind, message.list);
    case "ends": {
      const { mentions, lone, poured, incomplete, labels, events } = message;
      const head = [kind, mentions, lones.indexOf(lone), poured, incomplete, labels] as const;
      writer.clear();
      writer.array(head.length + 1);
      for (const field of head) put(field);
      encodeEvents(writer, events);
      return writer.written.slice();
    }
    case "ended":
      return pack(kind, message.exit);
    case "failed":
      return pack(kind, message.code, message.message);
    case "cancel":
      return pack(kind);
    case "joinable":
    case "join":
      return pack(kind, message.token);
    case "datagrams":
      return pack(kind, ...datagramsFields(message));
    case "place": {
      const { label, created } = message;
      const made = created && [created.path, created.madeByMkpath, created.isTarget];
      return pack(kind, label, made);
    }
  }
}

function wantedFields({ places, expansion, list }: AskedMessage): readonly Field[] {
  const kind = expansions.indexOf(expansion);
  if (list instanceof Uint8Array) return [places, kind, list, undefined];
  return [places, kind, undefined, list && [list.path, list.from0]];
}

/** How many fields each kind has, and how they are read. */
const forms: Readonly<
  Record<ControlMessage["kind"], readonly [number, (cursor: CborCursor) => ControlMessage]>
> = {
  start: [10, decodeStart],
  ends: [7, decodeEnds],
  ended: [2, (cursor) => ({ kind: "ended", exit: cursor.uint("exit", 255) })],
  failed: [3, decodeFailed],
  cancel: [1, () => ({ kind: "cancel" })],
  place: [
    3,
    (cursor) => {
      const label = cursor.byteString("label", limits.pathBytes);
      return { kind: "place", label, created: made(cursor) };
    },
  ],
  list: [2, (cursor) => ({ kind: "list", list: cursor.copyBytes("list", limits.listBytes) })],
  joinable: [
    2,
    (cursor) => ({ kind: "joinable", token: cursor.isNull() ? undefined : token(cursor) }),
  ],
  join: [2, (cursor) => ({ kind: "join", token: token(cursor) })],
  datagrams: [5, decodeDatagrams],
};

/** Reads a message of the control lane. Throws a protocol-data error. */
export function decodeControl(bytes: Uint8Array): ControlMessage {
  return reading("control message", bytes, 10, (cursor, fields): ControlMessage => {
    const kind = controlKinds[cursor.uint("kind", controlKinds.length - 1)] ?? "cancel";
    const [count, read] = forms[kind];
    if (fields === count) return read(cursor);
    throw cursor.error("message", "it has not the fields of its kind");
  });
}

function decodeFailed(cursor: CborCursor): FailedMessage {
  const code = cursor.byteString("code", limits.nameBytes);
  const known = Object.hasOwn(errorTable, code) ? (code as ErrorCode) : "protocol-data";
  return { kind: "failed", code: known, message: cursor.byteString("message", limits.textBytes) };
}

function token(cursor: CborCursor): Uint8Array {
  const bytes = cursor.copyBytes("token", joinTokenBytes);
  if (bytes.length === joinTokenBytes) return bytes;
  throw cursor.error("token", `it has ${bytes.length} bytes`);
}

function made(cursor: CborCursor): PlaceMessage["created"] {
  if (cursor.isNull()) return undefined;
  if (cursor.array("created", 3) !== 3) throw cursor.error("created", "it has not 3 fields");
  return {
    path: cursor.byteString("path", limits.pathBytes),
    madeByMkpath: cursor.uint("made", 65_536),
    isTarget: cursor.bool("target"),
  };
}

function decodeStart(cursor: CborCursor): StartMessage {
  return {
    kind: "start",
    role: decodeRole(cursor),
    personality: cursor.bool("personality") ? "manifold" : "manifold-rsync",
    options: strings(cursor, "options"),
    places: strings(cursor, "places"),
    expansion: decodeExpansion(cursor),
    rules: strings(cursor, "rules"),
    list: startList(cursor),
    asked: decodeAsked(cursor),
  };
}

function decodeRole(cursor: CborCursor): EndRole {
  if (cursor.isNull()) return "catch";
  return cursor.bool("role") ? "source" : "target";
}

function decodeExpansion(cursor: CborCursor): Expansion {
  return expansions[cursor.uint("expansion", expansions.length - 1)] ?? "none";
}

function decodeAsked(cursor: CborCursor): StartMessage["asked"] {
  if (cursor.isNull()) return undefined;
  if (cursor.array("asked", 4) !== 4) throw cursor.error("asked", "it has not 4 fields");
  const places = strings(cursor, "places");
  return { places, expansion: decodeExpansion(cursor), list: startList(cursor) };
}

function startList(cursor: CborCursor): StartMessage["list"] {
  const list = cursor.isNull() ? undefined : cursor.copyBytes("list", limits.listBytes);
  if (cursor.isNull()) return list;
  if (cursor.array("list", 2) !== 2) throw cursor.error("list", "it has not 2 fields");
  return { path: cursor.byteString("path", limits.pathBytes), from0: cursor.bool("from0") };
}

function decodeEnds(cursor: CborCursor): EndsMessage {
  return {
    kind: "ends",
    mentions: cursor.uint("mentions"),
    lone: lones[cursor.uint("lone", lones.length - 1)] ?? "dot",
    poured: cursor.bool("poured"),
    incomplete: cursor.bool("incomplete"),
    labels: strings(cursor, "labels"),
    events: decodeEvents(cursor),
  };
}
