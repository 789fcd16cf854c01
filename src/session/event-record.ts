// Events of the progress stream as messages bring them: arrays of fields, the type first. A field that
// may be missing is null then.

import { assert, type ByteString } from "../base/index.ts";
import type { CborCursor, CborWriter } from "../changeset/index.ts";
import type { ItemEvent, ProblemEvent, ProgressEvent } from "../tree/index.ts";
import { limits } from "./record-limits.ts";

const kinds = ["item", "delete", "problem", "note", "file-progress"] as const;
const word = 0xffff_ffff;

/** Writes an array of events. */
export function encodeEvents(writer: CborWriter, events: readonly ProgressEvent[]): void {
  writer.array(events.length);
  for (const event of events) encodeEvent(writer, event);
}

function encodeEvent(writer: CborWriter, event: ProgressEvent): void {
  assert(event.type !== "row", "What puts events into order is taken out of them.");
  const kind = kinds.indexOf(event.type);
  switch (event.type) {
    case "item":
      encodeItem(writer, event, kind);
      return;
    case "delete":
      writer.array(3);
      writer.int(kind);
      writer.byteString(event.path);
      writer.int(event.mode);
      return;
    case "problem":
      writer.array(7);
      writer.int(kind);
      writer.byteString(event.path);
      writer.bool(event.role === "source");
      writer.byteString(event.operation);
      writer.int(event.errno);
      optionalBytes(writer, event.message);
      writer.int(event.exit);
      return;
    case "note":
      writer.array(4);
      writer.int(kind);
      writer.byteString(event.topic);
      writer.int(event.level);
      writer.byteString(event.text);
      return;
    case "file-progress":
      writer.array(9);
      writer.int(kind);
      writer.byteString(event.path);
      for (const value of [event.done, event.size, event.index]) writer.int(value);
      writer.bool(event.finished);
      optionalInt(writer, event.toCheck);
      optionalInt(writer, event.total);
      writer.bool(event.scanComplete === true);
      return;
  }
}

function encodeItem(writer: CborWriter, event: ItemEvent, kind: number): void {
  writer.array(event.madeOf === undefined ? 16 : 17);
  writer.int(kind);
  writer.byteString(event.path);
  for (const value of [event.changes, event.mode, event.size, event.mtime, event.uid, event.gid]) {
    writer.int(value);
  }
  optionalInt(writer, event.atime);
  optionalInt(writer, event.crtime);
  optionalBytes(writer, event.linkTarget);
  optionalBytes(writer, event.sourcePath);
  optionalInt(writer, event.source);
  writer.int(event.literal);
  writer.int(event.matched);
  optionalBytes(writer, event.checksum);
  if (event.madeOf !== undefined) writer.byteString(event.madeOf);
}

function optionalInt(writer: CborWriter, value: number | undefined): void {
  if (value === undefined) writer.null();
  else writer.int(value);
}

function optionalBytes(writer: CborWriter, value: ByteString | undefined): void {
  if (value === undefined) writer.null();
  else writer.byteString(value);
}

/** Reads an array of events. */
export function decodeEvents(cursor: CborCursor): ProgressEvent[] {
  const events: ProgressEvent[] = [];
  for (let left = cursor.array("events", limits.events); left > 0; left--) {
    events.push(decodeEvent(cursor));
  }
  return events;
}

function decodeEvent(cursor: CborCursor): ProgressEvent {
  const begin = cursor.at;
  const fields = cursor.array("event", 17);
  const kind = kinds[cursor.uint("event type", kinds.length - 1)];
  const path = (): ByteString => cursor.byteString("path", limits.pathBytes * 2);
  if (kind === "item" && fields >= 16) return decodeItem(cursor, path(), fields === 17);
  if (kind === "delete" && fields === 3) {
    return { type: "delete", path: path(), mode: cursor.uint("mode", 0xffff) };
  }
  if (kind === "problem" && fields === 7) return decodeProblem(cursor, path());
  if (kind === "note" && fields === 4) {
    const topic = cursor.byteString("topic", limits.nameBytes);
    const level = cursor.uint("level", 100);
    return { type: "note", topic, level, text: cursor.byteString("text", limits.textBytes) };
  }
  if (kind === "file-progress" && fields === 9) {
    const at = path();
    const [done, size, index] = [cursor.uint("done"), cursor.uint("size"), cursor.uint("index")];
    const finished = cursor.bool("finished");
    const toCheck = nullOr(cursor, () => cursor.uint("to check"));
    const total = nullOr(cursor, () => cursor.uint("total"));
    const scanComplete = cursor.bool("scan complete");
    const counts = {
      ...(toCheck !== undefined && { toCheck }),
      ...(total !== undefined && { total }),
      ...(scanComplete && { scanComplete }),
    };
    return { type: "file-progress", path: at, done, size, index, finished, ...counts };
  }
  throw cursor.error("event", "it has not the fields of its type", begin);
}

function decodeItem(cursor: CborCursor, path: ByteString, isMade: boolean): ItemEvent {
  const changes = cursor.uint("changes", word);
  const mode = cursor.uint("mode", 0xffff);
  const size = cursor.uint("size");
  const mtime = cursor.int("mtime");
  const uid = cursor.uint("uid", word);
  const gid = cursor.uint("gid", word);
  const atime = nullOr(cursor, () => cursor.int("atime"));
  const crtime = nullOr(cursor, () => cursor.int("crtime"));
  const linkTarget = nullOr(cursor, () => cursor.byteString("link target", limits.pathBytes));
  const sourcePath = nullOr(cursor, () => cursor.byteString("path", limits.pathBytes * 2));
  const source = nullOr(cursor, () => cursor.uint("source", word));
  const literal = cursor.uint("literal");
  const matched = cursor.uint("matched");
  const checksum = nullOr(cursor, () => cursor.byteString("checksum", limits.nameBytes));
  const madeOf = isMade ? cursor.byteString("old path", limits.pathBytes * 2) : undefined;
  return {
    type: "item",
    path,
    changes,
    mode,
    size,
    mtime,
    uid,
    gid,
    literal,
    matched,
    ...(atime !== undefined && { atime }),
    ...(crtime !== undefined && { crtime }),
    ...(linkTarget !== undefined && { linkTarget }),
    ...(sourcePath !== undefined && { sourcePath }),
    ...(source !== undefined && { source }),
    ...(checksum !== undefined && { checksum }),
    ...(madeOf !== undefined && { madeOf }),
  };
}

function decodeProblem(cursor: CborCursor, path: ByteString): ProblemEvent {
  const role = cursor.bool("role") ? "source" : "target";
  const operation = cursor.byteString("operation", limits.nameBytes);
  const errno = cursor.uint("errno", 4095);
  const message = nullOr(cursor, () => cursor.byteString("message", limits.textBytes));
  const exit = cursor.uint("exit", 255);
  const told = { type: "problem", path, role, operation, errno, exit } as const;
  return message === undefined ? told : { ...told, message };
}

function nullOr<T>(cursor: CborCursor, read: () => T): T | undefined {
  return cursor.isNull() ? undefined : read();
}
