// A tree on a web server: listed by whatever the server has for that, read by ranges.

import { type ByteString, joinPath, ManifoldError } from "../../base/index.ts";
import { parseHttpDate } from "../../catalog/index.ts";
import type { HttpResponse } from "../../transport/index.ts";
import type {
  ListedEntry,
  Source,
  SourceAbilities,
  SourceFile,
  SourceListing,
  SourcePart,
} from "../source.ts";
import { SourceError } from "../source-error.ts";
import type { ListingKind } from "./listing-kind.ts";
import { type AnnouncedMirror, linkedMirrors, mirrorsNamedBy } from "./metalink-listing.ts";
import { MirrorListing } from "./mirror-listing.ts";
import { openListing } from "./open-listing.ts";
import { readPart } from "./read-part.ts";
import { Site, type SiteSettings } from "./site.ts";

/** What such a source is made of. */
export interface HttpSourceSettings extends SiteSettings {
  /** How people call it; default: its URL without credentials. */
  readonly label?: string | undefined;
  /** Suites of a Debian archive ("bookworm"): the tree is what belongs to them. */
  readonly suites?: readonly string[] | undefined;
  /** Another source says what the tree is: nothing has to be listed. Default: false. */
  readonly isMirror?: boolean | undefined;
  /** How it is listed, where that is known; undefined = found out. */
  readonly open?: ((site: Site, signal: AbortSignal) => Promise<ListingKind>) | undefined;
  /** Connections that are polite. Default: 8. */
  readonly connectionsMax?: number | undefined;
  /** Last-Modified is the time of the file. Default: true. */
  readonly tellsTimes?: boolean | undefined;
}

/** On public mirrors more are held to be impolite. */
const connectionsMaxDefault = 8;
/** Directories that are looked through for a file, to try what the server can do. */
const probeListingsMax = 8;
/** Files that are asked for there: a server may have none of what it lists. */
const probeFilesMax = 16;

/** Such a source. */
export class HttpSource implements Source {
  readonly url: string;
  readonly #site: Site;
  readonly #settings: HttpSourceSettings;
  #listing: ListingKind | undefined;
  #tried: Tried = { ranges: true, times: true };

  constructor(settings: HttpSourceSettings) {
    this.#site = new Site(settings);
    this.#settings = settings;
    const { protocol, host, pathname } = this.#site.base;
    this.url = settings.label ?? `${protocol}//${host}${pathname}`;
  }

  async probe(signal: AbortSignal): Promise<SourceAbilities> {
    this.#listing ??= await this.#open(signal);
    const listing = this.#listing;
    this.#tried = await this.#try(listing, signal);
    const { ranges, times, mirrors } = this.#tried;
    return {
      mirrors: mirrors ?? listing.mirrors,
      ranges,
      listsAtOnce: listing.listsAtOnce,
      listing: listing.name,
      digests: false,
      tells: listing.tells,
      timeStep: times && this.#settings.tellsTimes !== false ? listing.timeStep : undefined,
      connectionsMax: this.#settings.connectionsMax ?? connectionsMaxDefault,
      depth: 1,
      generation: listing.generation,
    };
  }

  list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    return this.#opened().list(path, signal);
  }

  async look(file: SourceFile, signal: AbortSignal): Promise<ListedEntry> {
    const response = await this.#site.askFile(file.path, { method: "HEAD" }, signal);
    response.discard();
    const { status } = response;
    const size = /^\d{1,15}$/.exec(response.header("content-length"))?.[0];
    const isMute = status === 405 || status === 501 || (status === 200 && size === undefined);
    if (isMute) return this.#lookByReading(file, signal);
    if (status !== 200) throw this.#site.refusal(response);
    return this.#exact(file.entry, size, response.header("last-modified"), response.header("etag"));
  }

  /** Asks for other places of the same tree, which some servers name beside their files. `path` is some file's. */
  mirrors(path: ByteString, signal: AbortSignal): Promise<readonly AnnouncedMirror[]> {
    return linkedMirrors(this.#site, path, signal);
  }

  read(file: SourceFile, part: SourcePart, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const settings = {
      site: this.#site,
      timeStep: this.#settings.tellsTimes === false ? undefined : this.#opened().timeStep,
      ranges: this.#tried.ranges,
      isMirror: this.#settings.isMirror === true,
      tagOf: (version: string | undefined) => this.#tagOf(version),
    };
    return readPart(settings, file, part, signal);
  }

  async close(): Promise<void> {
    this.#site.close();
  }

  #open(signal: AbortSignal): Promise<ListingKind> {
    const { open, clock, suites = [], isMirror } = this.#settings;
    if (open !== undefined) return open(this.#site, signal);
    if (isMirror === true) return MirrorListing.open(this.#site, signal);
    return openListing({ site: this.#site, clock, suites }, signal);
  }

  #opened(): ListingKind {
    if (this.#listing === undefined)
      throw new SourceError("connection", "The server has not been asked what it can do");
    return this.#listing;
  }

  /** For servers that know no HEAD, or do not tell the length of what is empty. */
  async #lookByReading({ path, entry }: SourceFile, signal: AbortSignal): Promise<ListedEntry> {
    const response = await this.#site.askFile(path, { headers: { Range: "bytes=0-0" } }, signal);
    response.discard();
    const { status } = response;
    const isEmpty = status === 416 && response.header("content-range") === "bytes */0";
    if (status !== 200 && status !== 206 && !isEmpty) throw this.#site.refusal(response);
    const range = /\/(\d{1,15})$/.exec(response.header("content-range"))?.[1];
    const size = isEmpty
      ? "0"
      : status === 206
        ? range
        : /^\d{1,15}$/.exec(response.header("content-length"))?.[0];
    return this.#exact(entry, size, response.header("last-modified"), response.header("etag"));
  }

  #exact(entry: ListedEntry, size: string | undefined, date: string, tag: string): ListedEntry {
    const mtime = this.#settings.tellsTimes === false ? undefined : parseHttpDate(date);
    const { sizeSlack, ...rest } = entry;
    return {
      ...rest,
      ...(size === undefined ? { sizeSlack } : { size: Number(size) }),
      ...(mtime !== undefined && { mtime, mtimeNanos: 0 }),
      ...(tag !== "" && !tag.startsWith("W/") && { version: `${this.url} ${tag}` }),
    };
  }

  /** Other places of the tree, if anybody needs them. What cannot be read names none. */
  async #named(
    response: HttpResponse,
    path: ByteString,
    signal: AbortSignal,
  ): Promise<Pick<Tried, "mirrors">> {
    if (this.#settings.isMirror === true || response.header("link") === "") return {};
    try {
      return { mirrors: await mirrorsNamedBy(response, { site: this.#site, path }, signal) };
    } catch (error) {
      if (error instanceof SourceError || error instanceof ManifoldError) return {};
      throw error;
    }
  }

  #tagOf(version: string | undefined): string {
    const own = `${this.url} `;
    return version?.startsWith(own) === true ? version.slice(own.length) : "";
  }

  /** Asks for one byte in the middle of some file. Where no file is found near the top, the best is hoped for. */
  async #try(listing: ListingKind, signal: AbortSignal): Promise<Tried> {
    const waiting: ByteString[] = [""];
    let asked = 0;
    for (let count = 0; count < probeListingsMax; count++) {
      const above = waiting.shift();
      if (above === undefined) break;
      const { entries } = await listing.list(above, signal).catch(nothingOf);
      for (const { name, kind, size, sizeSlack = 0 } of entries) {
        const path = joinPath(above, name);
        if (kind === "directory") waiting.push(path);
        if (kind !== "file" || (size ?? 2) - sizeSlack < 2 || asked >= probeFilesMax) continue;
        asked++;
        const headers = { Range: "bytes=1-1" };
        const response = await this.#site.askFile(path, { headers }, signal);
        response.discard();
        const { status } = response;
        if (status !== 200 && status !== 206) continue;
        const times = response.header("last-modified") !== "";
        return { ranges: status === 206, times, ...(await this.#named(response, path, signal)) };
      }
    }
    return { ranges: true, times: true };
  }
}

/** What cannot be listed has nothing to try. */
function nothingOf(error: unknown): Pick<SourceListing, "entries"> {
  if (error instanceof SourceError && ["absent", "unreadable"].includes(error.trouble)) {
    return { entries: [] };
  }
  throw error;
}

/** What was found out by trying. */
interface Tried {
  readonly ranges: boolean;
  /** Files come with the times of their last change. */
  readonly times: boolean;
  /** Other places that answers name; undefined = none. */
  readonly mirrors?: readonly AnnouncedMirror[];
}
