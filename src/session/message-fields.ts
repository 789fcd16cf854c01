// The fields that messages are made of, written and read.

import type { ByteString } from "../base/index.ts";
import { type CborCursor, CborWriter } from "../changeset/index.ts";
import { openCursor, understand } from "./message-cursor.ts";
import { limits } from "./record-limits.ts";

/** A field of a message. */
export type Field = number | boolean | ByteString | Uint8Array | undefined | readonly Field[];

/** Where messages are written: one at a time. */
export const writer = new CborWriter(4096);

/** Returns the message with these fields. */
export function pack(...fields: readonly Field[]): Uint8Array {
  writer.clear();
  put(fields);
  return writer.written.slice();
}

/** Writes a field. */
export function put(field: Field): void {
  if (field === undefined) writer.null();
  else if (typeof field === "number") writer.int(field);
  else if (typeof field === "boolean") writer.bool(field);
  else if (typeof field === "string") writer.byteString(field);
  else if (field instanceof Uint8Array) writer.bytes(field);
  else {
    writer.array(field.length);
    for (const item of field) put(item);
  }
}

/** Reads a message: an array of at most so many fields. Throws a protocol-data error. */
export function reading<T>(
  what: string,
  bytes: Uint8Array,
  fieldsMax: number,
  read: (cursor: CborCursor, fields: number) => T,
): T {
  return understand(what, () => {
    const cursor = openCursor(bytes);
    const result = read(cursor, cursor.array("message", fieldsMax));
    cursor.finish("message");
    return result;
  });
}

/** A body, where it lies. */
export function view(cursor: CborCursor, field: string): Uint8Array {
  cursor.byteRange(field, limits.contentBytes * 2);
  return cursor.bytes.subarray(cursor.start, cursor.stop);
}

/** A list of byte strings. */
export function strings(cursor: CborCursor, field: string): ByteString[] {
  const list: ByteString[] = [];
  for (let left = cursor.array(field, limits.arguments); left > 0; left--) {
    list.push(cursor.byteString(field, limits.argumentBytes));
  }
  return list;
}

/** A list of whole numbers. */
export function numbers(cursor: CborCursor): number[] {
  const list: number[] = [];
  for (let left = cursor.array("numbers", limits.events); left > 0; left--) {
    list.push(cursor.uint("number"));
  }
  return list;
}
