// One page of S3's ListObjectsV2, and its errors.

import { type ByteString, ManifoldError, toText } from "../base/index.ts";
import { parseIsoTime } from "./calendar.ts";
import { ElementReader } from "./elements.ts";
import { decodePercent } from "./percent.ts";

/** One object. */
export interface BucketObject {
  readonly key: ByteString;
  readonly size: number;
  /** As it stands there, with quotes. */
  readonly tag: string;
  readonly seconds: number | undefined;
}

/** One page. */
export interface BucketPage {
  readonly objects: readonly BucketObject[];
  /** Prefixes that several objects have in common, each with its delimiter at the end. */
  readonly prefixes: readonly ByteString[];
  /** Asks for the next page; undefined = this is the last one. */
  readonly next: string | undefined;
}

/** What the service says is wrong. */
export interface BucketError {
  readonly code: string;
  readonly message: string;
}

const catalog = "An object listing";
/** A page has 1000 by agreement. */
const rowsMax = 100_000;

/** Parses a page that was asked for with encoding-type=url. */
export function parseBucketPage(bytes: Uint8Array): BucketPage {
  const objects: BucketObject[] = [];
  const prefixes: ByteString[] = [];
  let fields = new Map<string, ByteString>();
  let isListing = false;
  let isTruncated = false;
  let isEncoded = false;
  let token = "";
  const reader = new ElementReader(catalog, {
    opened: (name) => {
      if (name === "ListBucketResult") isListing = true;
      if (name === "Contents" || name === "CommonPrefixes") fields = new Map();
    },
    closed: ({ name, text, around }) => {
      const parent = around.at(-1);
      if (parent === "Contents" || parent === "CommonPrefixes") fields.set(name, text);
      else if (name === "Contents") objects.push(objectOf(fields));
      else if (name === "CommonPrefixes") prefixes.push(fields.get("Prefix") ?? "");
      else if (name === "IsTruncated") isTruncated = text === "true";
      else if (name === "NextContinuationToken") token = text;
      else if (name === "EncodingType") isEncoded = text === "url";
      if (objects.length + prefixes.length > rowsMax)
        refuse(`has more than ${rowsMax} rows on a page`);
    },
  });
  reader.push(bytes);
  reader.end();
  if (!isListing) refuse("has no <ListBucketResult>");
  if (isTruncated && token === "") refuse("goes on, and does not say how");
  // A blank is written as "+" there, as in forms.
  const decode = (key: ByteString): ByteString =>
    isEncoded ? decodePercent(key.replaceAll("+", " ")) : key;
  return {
    objects: objects.map((object) => ({ ...object, key: decode(object.key) })),
    prefixes: prefixes.map(decode),
    next: isTruncated ? toText(token) : undefined,
  };
}

function objectOf(fields: ReadonlyMap<string, ByteString>): BucketObject {
  const size = fields.get("Size") ?? "";
  if (!/^\d{1,15}$/.test(size)) refuse("has an object without a size");
  return {
    key: fields.get("Key") ?? "",
    size: Number(size),
    tag: fields.get("ETag") ?? "",
    seconds: parseIsoTime(fields.get("LastModified") ?? "")?.seconds,
  };
}

/** Parses an error; undefined where the bytes are none. */
export function parseBucketError(bytes: Uint8Array): BucketError | undefined {
  const found = new Map<string, string>();
  try {
    const reader = new ElementReader("An error", {
      opened: () => undefined,
      closed: ({ name, text, around }) => {
        if (around.at(-1) === "Error") found.set(name, toText(text));
      },
    });
    reader.push(bytes);
    reader.end();
  } catch (error) {
    // Proxies in between answer with pages of their own.
    if (error instanceof ManifoldError) return undefined;
    throw error;
  }
  const code = found.get("Code");
  return code === undefined ? undefined : { code, message: found.get("Message") ?? "" };
}

function refuse(says: string): never {
  throw new ManifoldError("protocol-data", `${catalog} ${says}`);
}
