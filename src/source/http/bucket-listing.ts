// Directories of an object store: keys that go on after a prefix with or without another slash.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import {
  type BucketObject,
  isSafeName,
  isStatePath,
  parseBucketError,
  parseBucketPage,
} from "../../catalog/index.ts";
import type { HttpResponse } from "../../transport/index.ts";
import type { ListedEntry, SourceListing } from "../source.ts";
import { SourceError } from "../source-error.ts";
import { type ListingKind, tellsLittle } from "./listing-kind.ts";
import { asSourceError, type Site } from "./site.ts";

/** What is listed. */
export interface BucketListingSettings {
  readonly site: Site;
  /** The bucket itself, without a prefix. */
  readonly bucket: URL;
  /** Keys of the tree begin with it; "" or with a slash at its end. */
  readonly prefix: ByteString;
  /** Times of objects are those of their upload, and count as times of files. */
  readonly tellsTimes: boolean;
  /** Makes a version of an object's mark. */
  versionOf(tag: string): string;
}

const pageBytesMax = 64 * 1024 * 1024;

/** Listing by pages of up to a thousand keys. */
export class BucketListing implements ListingKind {
  readonly name = "ListObjectsV2";
  readonly listsAtOnce = false;
  readonly tells = tellsLittle;
  readonly timeStep = 1;
  readonly generation = undefined;
  readonly #settings: BucketListingSettings;

  constructor(settings: BucketListingSettings) {
    this.#settings = settings;
  }

  async list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    const prefix = `${this.#settings.prefix}${path === "" ? "" : `${path}/`}`;
    const found = new Map<ByteString, ListedEntry>();
    let isThere = path === "";
    let isComplete = true;
    const add = (name: ByteString, entry: () => ListedEntry): void => {
      isThere = true;
      if (isStatePath(name)) return;
      // A key may be anything; what is no name, or the name of two things, cannot be had.
      if (!isSafeName(name) || found.has(name)) isComplete = false;
      else found.set(name, entry());
    };
    let token: string | undefined;
    do {
      const page = await this.#page(prefix, token, signal);
      for (const directory of page.prefixes) {
        const name = nameBelow(prefix, directory).replace(/\/$/, "");
        add(name, () => ({ name, kind: "directory" }));
      }
      for (const object of page.objects) {
        const name = nameBelow(prefix, object.key);
        // An object of the directory's own name marks that it exists.
        if (name === "") isThere = true;
        else add(name, () => this.#entry(name, object));
      }
      if (page.next !== undefined && page.next === token) {
        throw new SourceError("protocol", "The store gives the same page again and again");
      }
      token = page.next;
    } while (token !== undefined);
    if (!isThere) throw new SourceError("absent", "There is no such directory");
    return { entries: [...found.values()], isComplete };
  }

  #entry(name: ByteString, { size, tag, seconds }: BucketObject): ListedEntry {
    const { tellsTimes, versionOf } = this.#settings;
    return {
      name,
      kind: "file",
      size,
      ...(tellsTimes && seconds !== undefined && { mtime: seconds, mtimeNanos: 0 }),
      ...(tag !== "" && { version: versionOf(tag) }),
    };
  }

  async #page(
    prefix: ByteString,
    token: string | undefined,
    signal: AbortSignal,
  ): ReturnType<typeof readPage> {
    const { site, bucket } = this.#settings;
    const url = new URL(bucket);
    url.search = [
      ...(token === undefined
        ? []
        : [`continuation-token=${escapeBytes(Buffer.from(token, "utf8").toString("latin1"))}`]),
      "delimiter=%2F",
      "encoding-type=url",
      "list-type=2",
      `prefix=${escapeBytes(prefix)}`,
    ].join("&");
    const response = await site.send(url, {}, signal);
    return readPage(site, response, signal);
  }
}

async function readPage(site: Site, response: HttpResponse, signal: AbortSignal) {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const bytes of response.body) {
      length += bytes.length;
      if (length > pageBytesMax)
        throw new ManifoldError(
          "protocol-data",
          `An object listing has more than ${pageBytesMax} bytes`,
        );
      pieces.push(bytes);
    }
    const whole = Buffer.concat(pieces);
    if (response.status === 200) return parseBucketPage(whole);
    throw refusalOf(site, response, whole);
  } catch (error) {
    signal.throwIfAborted();
    throw asSourceError(error);
  }
}

/** Codes with which a store says that it does not let somebody in. */
const refusals: ReadonlySet<string> = new Set([
  "AccessDenied",
  "ExpiredToken",
  "InvalidAccessKeyId",
  "InvalidToken",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);

function refusalOf(site: Site, response: HttpResponse, body: Uint8Array): SourceError {
  const error = parseBucketError(body);
  const plain = site.refusal(response);
  if (error === undefined || plain.trouble === "busy") return plain;
  const says = `The store answers ${error.code}: ${error.message.replace(/\.$/, "")}`;
  return new SourceError(refusals.has(error.code) ? "refused" : plain.trouble, says);
}

function nameBelow(prefix: ByteString, key: ByteString): ByteString {
  return key.startsWith(prefix) ? key.slice(prefix.length) : "/";
}

/** Everything but unreserved characters is escaped: so it is signed. */
function escapeBytes(bytes: ByteString): string {
  return bytes.replace(
    /[^A-Za-z0-9\-._~]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
