// A Metalink file as a source, and the mirrors that Metalink files and Link headers name: where a file is there under the same path,
// the rest of the tree is taken to be.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { encodePath, type MetalinkFile, parseLinks, parseMetalink } from "../../catalog/index.ts";
import type { HttpResponse } from "../../transport/index.ts";
import { listedEntry } from "./listed.ts";
import type { ListingKind } from "./listing-kind.ts";
import { asSourceError, type Site } from "./site.ts";
import { TreeListing } from "./tree-listing.ts";

/** Another place of the same tree. */
export interface AnnouncedMirror {
  /** The top there. */
  readonly url: string;
  /** 1 is the best. */
  readonly priority: number;
  readonly location: string | undefined;
}

const metalinkBytesMax = 256 * 1024 * 1024;

/** Says whether a URL is that of a Metalink file. */
export function isMetalinkUrl(url: URL): boolean {
  return /\.(meta4|metalink)\/?$/i.test(url.pathname);
}

/** Reads the Metalink file at the site's own URL; what it names comes from the place that has most of it. */
export async function openMetalink(site: Site, signal: AbortSignal): Promise<ListingKind> {
  const url = new URL(site.base);
  url.pathname = url.pathname.replace(/\/$/, "");
  const response = await site.send(url, {}, signal);
  if (response.status !== 200) {
    response.discard();
    throw site.refusal(response);
  }
  const files = await readMetalink(response, signal);
  const changed = response.header("last-modified");
  const [best, ...mirrors] = topsOf(files);
  const tree = new TreeListing({
    name: "Metalink",
    mirrors,
    generation: changed === "" ? undefined : changed,
  });
  for (const file of files) {
    const listed = listedEntry(file, undefined);
    if (listed !== undefined)
      tree.add(file.path, { ...listed, ...(file.pieces && { pieces: file.pieces }) });
  }
  site.moveTo(new URL(best?.url ?? ".", url));
  return tree;
}

/** Returns the tops that a file's server names in its headers. `path` is the file's, below the top that is known. */
export async function linkedMirrors(
  site: Site,
  path: ByteString,
  signal: AbortSignal,
): Promise<readonly AnnouncedMirror[]> {
  const response = await site.send(site.urlOf(path), { method: "HEAD" }, signal);
  response.discard();
  return mirrorsNamedBy(response, { site, path }, signal);
}

/** Returns the tops that an answer about a file names: its Link header, or the Metalink file that this names. */
export async function mirrorsNamedBy(
  response: Pick<HttpResponse, "header" | "url">,
  { site, path }: { readonly site: Site; readonly path: ByteString },
  signal: AbortSignal,
): Promise<readonly AnnouncedMirror[]> {
  const { mirrors, metalink } = parseLinks(response.header("link"), response.url.href);
  const tops = mirrors.flatMap(({ url, priority, location }) => {
    const top = topOf(url, path);
    return top === undefined ? [] : [{ url: top, priority, location }];
  });
  if (tops.length > 0 || metalink === undefined) return tops;
  const described = await site.send(new URL(metalink), {}, signal);
  if (described.status !== 200) {
    described.discard();
    return [];
  }
  const [file] = await readMetalink(described, signal);
  // It may know the file by its name alone.
  return file === undefined ? [] : topsOf([{ ...file, path }]);
}

/** Returns the tops under which most files are, the best first. */
function topsOf(files: readonly MetalinkFile[]): AnnouncedMirror[] {
  const tops = new Map<string, { count: number; mirror: AnnouncedMirror }>();
  for (const { path, urls } of files) {
    for (const { url, priority, location } of urls) {
      const top = topOf(url, path);
      if (top === undefined) continue;
      const known = tops.get(top);
      if (known === undefined)
        tops.set(top, { count: 1, mirror: { url: top, priority, location } });
      else known.count++;
    }
  }
  return [...tops.values()]
    .sort((one, other) => other.count - one.count || one.mirror.priority - other.mirror.priority)
    .map(({ mirror }) => mirror);
}

/** Returns the top that a file's URL and path have; undefined where the file has another path there. */
function topOf(url: string, path: ByteString): string | undefined {
  const end = `/${encodePath(path)}`;
  let href: string;
  try {
    const parsed = new URL(url);
    parsed.hash = "";
    // Servers differ in what they escape.
    parsed.pathname = encodePath(
      Buffer.from(decodeURIComponent(parsed.pathname), "utf8").toString("latin1"),
    );
    href = parsed.href;
  } catch {
    // No URL, or one whose escapes are no text: it is of no use as a top.
    return undefined;
  }
  return href.endsWith(end) ? href.slice(0, 1 - end.length) : undefined;
}

async function readMetalink(
  response: HttpResponse,
  signal: AbortSignal,
): Promise<readonly MetalinkFile[]> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const bytes of response.body) {
      length += bytes.length;
      if (length > metalinkBytesMax)
        throw new ManifoldError(
          "protocol-data",
          `A Metalink file has more than ${metalinkBytesMax} bytes`,
        );
      pieces.push(bytes);
    }
    return parseMetalink(Buffer.concat(pieces));
  } catch (error) {
    signal.throwIfAborted();
    throw asSourceError(error);
  }
}
