// Directory indexes in JSON: nginx's `autoindex_format json` and what Caddy answers to "Accept: application/json".

import { type ByteString, fromBytes, fromText, ManifoldError } from "../base/index.ts";
import { parseHttpDate, parseIsoTime } from "./calendar.ts";
import type { CatalogEntry, CatalogKind, CatalogReader, CatalogTime, EntrySink } from "./entry.ts";
import { decodePercent } from "./percent.ts";
import { isSafeName, isStatePath } from "./safe-path.ts";

/** Bytes of one page: it is parsed as a whole. */
export const jsonBytesMax = 256 * 1024 * 1024;

/** Reads one page. */
export class JsonIndexReader implements CatalogReader {
  readonly #sink: EntrySink;
  readonly #chunks: ByteString[] = [];
  #bytes = 0;

  constructor(sink: EntrySink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > jsonBytesMax) {
      throw new ManifoldError(
        "protocol-data",
        `A directory index has more than ${jsonBytesMax} bytes`,
      );
    }
    this.#chunks.push(fromBytes(bytes));
  }

  end(): void {
    const seen = new Set<ByteString>();
    for (const row of parseRows(this.#chunks.join(""))) {
      const entry = typeof row === "object" && row !== null ? entryOf(row) : undefined;
      if (entry === undefined || isStatePath(entry.path) || seen.has(entry.path)) continue;
      seen.add(entry.path);
      this.#sink(entry);
    }
  }
}

/** The text is bytes, one character each: nginx writes names as they are, whatever they are encoded in. */
function parseRows(text: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\xef\xbb\xbf/, ""));
  } catch (cause) {
    throw new ManifoldError("protocol-data", "A directory index is no valid JSON", { cause });
  }
  if (Array.isArray(value)) return value;
  // An empty directory, to Caddy.
  if (value === null) return [];
  throw new ManifoldError("protocol-data", "A directory index in JSON is not an array");
}

/** A row's fields, of which any may be missing or of another type. */
type Row = Readonly<Record<string, unknown>>;

function entryOf(value: object): CatalogEntry | undefined {
  const row: Row = { ...value };
  return typeof row.mod_time === "string" ? caddyEntry(row) : nginxEntry(row);
}

const nginxKinds: ReadonlyMap<unknown, CatalogKind> = new Map([
  ["file", "file"],
  ["directory", "directory"],
  ["other", "other"],
]);

function nginxEntry(row: Row): CatalogEntry | undefined {
  const name = typeof row.name === "string" ? bytesOf(row.name) : "";
  const kind = nginxKinds.get(row.type);
  if (kind === undefined || !isSafeName(name)) return undefined;
  const seconds = typeof row.mtime === "string" ? parseHttpDate(row.mtime) : undefined;
  return { path: name, kind, time: wholeSeconds(seconds), ...(kind === "file" && sizeOf(row)) };
}

/** Go's bits for types of files beside the permissions (io/fs). */
const goDirectory = 0x8000_0000;
const goSymlink = 0x0800_0000;
const goOther = 0x0400_0000 | 0x0200_0000 | 0x0100_0000 | 0x0020_0000;

function caddyEntry(row: Row): CatalogEntry | undefined {
  // The name has U+FFFD for what is not UTF-8; the URL has the bytes.
  const written =
    typeof row.url === "string" ? decodePercent(bytesOf(row.url)) : bytesOf(String(row.name));
  const name = written.replace(/^\.\//, "").replace(/\/$/, "");
  if (!isSafeName(name)) return undefined;
  const mode = typeof row.mode === "number" ? row.mode : 0;
  const isDirectory = row.is_dir === true || (mode & goDirectory) !== 0;
  const kind = isDirectory ? "directory" : (mode & goOther) !== 0 ? "other" : "file";
  const time = parseIsoTime(String(row.mod_time));
  // What is said of a link is about the link, and nobody says where it leads: what it serves is a file.
  const isLink = row.is_symlink === true || (mode & goSymlink) !== 0;
  return {
    path: name,
    kind,
    time: time && !isLink ? { ...time, step: 0, isZoneKnown: true } : undefined,
    ...(kind === "file" && !isLink && sizeOf(row)),
    ...(typeof row.mode === "number" && !isLink && { mode: mode & 0o777 }),
  };
}

function sizeOf({ size }: Row): { readonly size?: number } {
  return typeof size === "number" && Number.isSafeInteger(size) && size >= 0 ? { size } : {};
}

function wholeSeconds(seconds: number | undefined): CatalogTime | undefined {
  return seconds === undefined ? undefined : { seconds, nanos: 0, step: 1, isZoneKnown: true };
}

/** What was written as \uXXXX is text; everything else is bytes already. */
function bytesOf(text: string): ByteString {
  return /[^\0-\xff]/.test(text) ? text.replace(/[^\0-\xff]+/g, fromText) : text;
}
