// Directory indexes: one page for each directory, in HTML or JSON.

import type { ByteString } from "../../base/index.ts";
import {
  type CatalogEntry,
  type CatalogReader,
  HtmlIndexReader,
  JsonIndexReader,
  parseHttpDate,
  placeOf,
} from "../../catalog/index.ts";
import type { HttpResponse } from "../../transport/index.ts";
import type { ListedEntry, SourceListing } from "../source.ts";
import { SourceError } from "../source-error.ts";
import { listedEntry } from "./listed.ts";
import { type ListingKind, tellsLittle } from "./listing-kind.ts";
import { ServerZone } from "./server-zone.ts";
import { asSourceError, type Site } from "./site.ts";

/** Caddy answers in JSON to who asks for it; others in what they have. */
const accept = "application/json, text/html;q=0.9, */*;q=0.1";

/** Listing by pages. */
export class PageListing implements ListingKind {
  readonly name = "directory indexes";
  readonly listsAtOnce = false;
  readonly tells = tellsLittle;
  readonly generation = undefined;
  readonly #site: Site;
  readonly #zone = new ServerZone();
  /** What the widest time was that has been seen. */
  timeStep = 1;
  /** The top's, until it is asked for. */
  #first: SourceListing | undefined;

  private constructor(site: Site) {
    this.#site = site;
  }

  /** Opens a site that answers for its top with an index; undefined when there is none, or it is no index. */
  static async open(site: Site, signal: AbortSignal): Promise<PageListing | undefined> {
    const listing = new PageListing(site);
    try {
      const { first, url } = await listing.#fetch("", signal);
      // What redirects the top redirects everything.
      site.moveTo(url);
      listing.#first = first;
      return listing;
    } catch (error) {
      const isNone =
        error instanceof SourceError && ["absent", "unreadable"].includes(error.trouble);
      if (isNone) return undefined;
      throw error;
    }
  }

  async list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    const first = path === "" ? this.#first : undefined;
    this.#first = undefined;
    return first ?? (await this.#fetch(path, signal)).first;
  }

  async #fetch(path: ByteString, signal: AbortSignal): Promise<{ first: SourceListing; url: URL }> {
    const directory = path === "" ? "" : `${path}/`;
    const response = await this.#site.ask(directory, { headers: { Accept: accept } }, signal);
    const { url } = response;
    // A server that answers without the slash has a file there.
    if (!url.pathname.endsWith("/")) {
      response.discard();
      throw new SourceError("absent", "There is no such directory");
    }
    const found = await readCatalog(response, signal, (sink) =>
      /\bjson\b/i.test(response.header("content-type"))
        ? new JsonIndexReader(sink)
        : new HtmlIndexReader(placeOf(url), sink),
    );
    const entries: ListedEntry[] = [];
    for (const entry of found) {
      const listed = listedEntry(entry, await this.#timeOf(directory, entry, signal));
      if (listed !== undefined) entries.push(listed);
    }
    return { first: { entries, isComplete: true }, url };
  }

  async #timeOf(
    directory: ByteString,
    { path, kind, time }: CatalogEntry,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    if (time === undefined) return undefined;
    this.timeStep = Math.max(this.timeStep, time.step);
    if (time.isZoneKnown) return time.seconds;
    if (kind === "file" && this.#zone.wants(time.seconds)) {
      const response = await this.#site.askFile(`${directory}${path}`, { method: "HEAD" }, signal);
      const truth = parseHttpDate(response.header("last-modified"));
      response.discard();
      if (truth !== undefined && response.status === 200)
        this.#zone.learn(time.seconds, truth, time.step);
    }
    return this.#zone.correct(time.seconds);
  }
}

/** Reads a response through a reader, to the end. Rejects with SourceError. */
export async function readCatalog(
  response: HttpResponse,
  signal: AbortSignal,
  open: (sink: (entry: CatalogEntry) => void) => CatalogReader,
): Promise<CatalogEntry[]> {
  const entries: CatalogEntry[] = [];
  try {
    const reader = open((entry) => void entries.push(entry));
    for await (const bytes of response.body) reader.push(bytes);
    reader.end();
    return entries;
  } catch (error) {
    signal.throwIfAborted();
    throw asSourceError(error);
  }
}
