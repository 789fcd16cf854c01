// Part of a file by HTTP: one range a request, and a close look at what is answered before any of it is believed.

import { formatHttpDate, parseHttpDate } from "../../catalog/index.ts";
import type { HttpResponse } from "../../transport/index.ts";
import type { SourceFile, SourcePart } from "../source.ts";
import { SourceError } from "../source-error.ts";
import { asSourceError, type Site } from "./site.ts";

/** What reading depends on. */
export interface ReadSettings {
  readonly site: Site;
  /** Times may be so much off; undefined = what the server says of them is not the file's. */
  readonly timeStep: number | undefined;
  /** False = whole files only: ranges are not asked for. */
  readonly ranges: boolean;
  /** Another source says what the file is: this one may well have another state of it. */
  readonly isMirror: boolean;
  /** Tells what version of the source's own mark means, "" for a mark of somebody else. */
  tagOf(version: string | undefined): string;
}

const chunkMax = 1024 * 1024;
/** Of a whole file that comes where a part was asked for, so much is read and thrown away. */
const skipBytesMax = 1024 * 1024;

/** The last one of the year 9999: HTTP's dates end there. */
const lastSecond = 253_402_300_799;

/** Files that are compressed themselves: some servers say so in a header that means something else. */
const compressedName = /\.(gz|tgz|z|bz2|tbz2?|xz|txz|zst|lz4?|br|svgz)$/i;

/** Reads a part, as Source.read says. */
export async function* readPart(
  settings: ReadSettings,
  file: SourceFile,
  part: SourcePart,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { site, ranges } = settings;
  const { offset, length } = part;
  const isWhole = offset === 0 && length === file.entry.size;
  const headers: Record<string, string> = {
    ...(ranges && !isWhole && { Range: `bytes=${offset}-${offset + length - 1}` }),
    ...(settings.isMirror && conditions(settings, file)),
  };
  const response = await site.askFile(file.path, { headers }, signal);
  let skip: number;
  try {
    skip = check(settings, response, file, part);
  } catch (error) {
    response.discard();
    throw error;
  }
  let left = length;
  // What ends by itself leaves its connection to the next request.
  const endsThere = Number(response.header("content-length")) === skip + length;
  try {
    for await (const bytes of response.body) {
      const from = Math.min(skip, bytes.length);
      skip -= from;
      const to = Math.min(bytes.length, from + left);
      for (let at = from; at < to; at += chunkMax) {
        const chunk = bytes.subarray(at, Math.min(to, at + chunkMax));
        left -= chunk.length;
        yield chunk;
      }
      if (left === 0 && !endsThere) return;
    }
    if (left === 0) return;
  } catch (error) {
    signal.throwIfAborted();
    throw asSourceError(error);
  }
  throw new SourceError("connection", `The answer ended ${left} bytes too early`);
}

/**
 * Headers with which a file of another time is not sent (RFC 9110, 13.1.3 and 13.1.4): what a stale mirror sends would be thrown
 * away, and it has had to send it. Nginx, as it comes, looks at the second one only.
 */
function conditions(
  { timeStep }: ReadSettings,
  { entry: { mtime, mtimeSlack = 0 } }: SourceFile,
): Record<string, string> {
  if (mtime === undefined || timeStep === undefined) return {};
  // Times of HTTP are whole seconds, and one that is equal counts as not modified.
  const slack = Math.ceil(timeStep + mtimeSlack) + 1;
  if (mtime < slack || mtime + slack > lastSecond) return {};
  return {
    "If-Modified-Since": formatHttpDate(mtime - slack),
    "If-Unmodified-Since": formatHttpDate(mtime + slack),
  };
}

/** Throws unless the response is of the file that is meant; returns how many bytes come before the part. */
function check(
  settings: ReadSettings,
  response: HttpResponse,
  file: SourceFile,
  part: SourcePart,
): number {
  const { status } = response;
  if (settings.isMirror && (status === 304 || status === 412)) throw otherTime();
  if (status !== 200 && status !== 206) throw settings.site.refusal(response);
  const isEncoded = !/^(identity)?$/i.test(response.header("content-encoding"));
  if (isEncoded && !compressedName.test(file.path)) {
    throw new SourceError(
      "protocol",
      "The server sends files in a compressed form that was not asked for",
    );
  }
  checkState(settings, response, file);
  const { size } = file.entry;
  if (status === 206) {
    const [, from, to, total] =
      /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.header("content-range")) ?? [];
    if (from === undefined)
      throw new SourceError("protocol", "The server does not say which part of a file it sends");
    if (size !== undefined && total !== "*" && Number(total) !== size)
      throw changedSize(size, Number(total));
    if (Number(from) !== part.offset)
      throw new SourceError("protocol", "The server sends another part than was asked for");
    if (Number(to) !== part.offset + part.length - 1)
      throw new SourceError("changed", "A file is shorter than was listed");
    return 0;
  }
  const written = response.header("content-length");
  if (written !== "" && size !== undefined && Number(written) !== size)
    throw changedSize(size, Number(written));
  if (part.offset > skipBytesMax)
    throw new SourceError("protocol", "The server gives whole files only");
  return part.offset;
}

function otherTime(): SourceError {
  return new SourceError("changed", "A file is of another time than was listed");
}

function changedSize(listed: number, found: number): SourceError {
  return new SourceError("changed", `A file has ${found} bytes, ${listed} were listed`);
}

/** Compares times; where the server tells none, its own marks. */
function checkState(
  { timeStep, tagOf }: ReadSettings,
  response: HttpResponse,
  { entry }: SourceFile,
): void {
  const seconds = parseHttpDate(response.header("last-modified"));
  if (seconds !== undefined && entry.mtime !== undefined && timeStep !== undefined) {
    const mtime = entry.mtime + (entry.mtimeNanos ?? 0) / 1e9;
    if (Math.abs(mtime - seconds) > timeStep + (entry.mtimeSlack ?? 0)) {
      throw otherTime();
    }
    return;
  }
  const known = tagOf(entry.version);
  const tag = response.header("etag");
  if (known !== "" && tag !== "" && known !== tag && !tag.startsWith("W/")) {
    throw new SourceError("changed", "A file is of another state than was listed");
  }
}
