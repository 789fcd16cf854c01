// The body of the header: a map with words for keys, as it is read by people and stands only once.

import type { CborCursor } from "./cbor/cursor.ts";
import type { CborWriter } from "./cbor/writer.ts";
import { limits } from "./limits.ts";
import {
  changesetDigests,
  compressions,
  type Header,
  type OptionValue,
  preservedNames,
} from "./record.ts";

const keys = [
  "kind",
  "digest",
  "data",
  "compression",
  "preserves",
  "options",
  "filters",
  "program",
] as const;
type Key = (typeof keys)[number];

const kinds = ["changeset", "listing"] as const;
const wordBytes = 64;

/** Writes the body; what is empty is left out. */
export function encodeHeader(writer: CborWriter, header: Header): void {
  const { preserves, options, filters } = header;
  const isLeftOut: Partial<Record<Key, boolean>> = {
    compression: header.compression === "none",
    preserves: preserves.length === 0,
    options: options.size === 0,
    filters: filters.length === 0,
    program: header.program === "",
  };
  const used = keys.filter((key) => isLeftOut[key] !== true);
  writer.map(used.length);
  for (const key of used) {
    writer.text(key);
    encodeField(writer, header, key);
  }
}

function encodeField(writer: CborWriter, header: Header, key: Key): void {
  const { preserves, options, filters } = header;
  if (key === "data") writer.bool(header.hasData);
  else if (key === "preserves") {
    writer.array(preserves.length);
    for (const name of preserves) writer.text(name);
  } else if (key === "options") {
    writer.map(options.size);
    for (const [name, value] of options) {
      writer.text(name);
      if (typeof value === "boolean") writer.bool(value);
      else if (typeof value === "number") writer.int(value);
      else writer.text(value);
    }
  } else if (key === "filters") {
    writer.array(filters.length);
    for (const rule of filters) writer.byteString(rule);
  } else writer.text(header[key]);
}

/** Reads the body. */
export function decodeHeader(cursor: CborCursor): Header {
  const begin = cursor.at;
  const fields: { -readonly [K in keyof Header]?: Header[K] } = {};
  const count = cursor.map("header", keys.length);
  const seen = new Set<string>();
  for (let n = 0; n < count; n++) {
    const at = cursor.at;
    const key = word(cursor, "header field", keys);
    if (seen.has(key)) throw cursor.error("header field", `${key} stands twice`, at);
    seen.add(key);
    decodeField(cursor, fields, key);
  }
  cursor.finish("header");
  const { kind, digest, hasData } = fields;
  if (kind === undefined || digest === undefined || hasData === undefined) {
    throw cursor.error("header", "it lacks kind, digest or data", begin);
  }
  if (kind === "listing" && hasData) throw cursor.error("data", "a listing has none", begin);
  return {
    compression: "none",
    preserves: [],
    options: new Map(),
    filters: [],
    program: "",
    ...fields,
    kind,
    digest,
    hasData,
  };
}

function decodeField(
  cursor: CborCursor,
  fields: { -readonly [K in keyof Header]?: Header[K] },
  key: Key,
): void {
  if (key === "kind") fields.kind = word(cursor, key, kinds);
  else if (key === "digest") fields.digest = word(cursor, key, changesetDigests);
  else if (key === "compression") fields.compression = word(cursor, key, compressions);
  else if (key === "data") fields.hasData = cursor.bool(key);
  else if (key === "program") fields.program = cursor.text(key, limits.textBytes);
  else if (key === "preserves") {
    fields.preserves = list(cursor, key, preservedNames.length, () =>
      word(cursor, "attribute", preservedNames),
    );
  } else if (key === "filters") {
    fields.filters = list(cursor, key, limits.filterRules, () =>
      cursor.byteString("filter rule", limits.filterRuleBytes),
    );
  } else fields.options = decodeOptions(cursor);
}

function decodeOptions(cursor: CborCursor): Map<string, OptionValue> {
  const options = new Map<string, OptionValue>();
  const count = cursor.map("options", limits.optionCount);
  for (let n = 0; n < count; n++) {
    const begin = cursor.at;
    const name = cursor.text("option", wordBytes);
    if (options.has(name)) throw cursor.error("option", `${name} stands twice`, begin);
    if (cursor.isMajor(7)) options.set(name, cursor.bool("option"));
    else if (cursor.isMajor(3)) options.set(name, cursor.text("option", limits.textBytes));
    else options.set(name, cursor.int("option"));
  }
  return options;
}

function list<T>(cursor: CborCursor, field: string, max: number, readItem: () => T): T[] {
  const count = cursor.array(field, max);
  const items: T[] = [];
  for (let n = 0; n < count; n++) items.push(readItem());
  return items;
}

/** Reads a text that must be one of `known`. */
function word<T extends string>(cursor: CborCursor, field: string, known: readonly T[]): T {
  const begin = cursor.at;
  const text = cursor.text(field, wordBytes);
  const found = known.find((candidate) => candidate === text);
  if (found === undefined) {
    throw cursor.error(field, `${JSON.stringify(text)} is not known to this version`, begin);
  }
  return found;
}
