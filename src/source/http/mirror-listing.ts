// A server that is a mirror: somebody else says what the tree is, and every answer is compared with that. So nothing has to be listed;
// an index of its top, where there is one, only helps to try what the server can do.

import type { ByteString } from "../../base/index.ts";
import type { SourceListing } from "../source.ts";
import { SourceError } from "../source-error.ts";
import { type ListingKind, tellsLittle } from "./listing-kind.ts";
import { PageListing } from "./page-listing.ts";
import type { Site } from "./site.ts";

/** Such a listing, perhaps none at all. */
export class MirrorListing implements ListingKind {
  readonly name = "none";
  readonly listsAtOnce = false;
  readonly tells = tellsLittle;
  /** Answers have their times in whole seconds, whatever a list would say. */
  readonly timeStep = 1;
  readonly generation = undefined;
  readonly #pages: PageListing | undefined;

  private constructor(pages: PageListing | undefined) {
    this.#pages = pages;
  }

  /** Never rejects for want of a listing. */
  static async open(site: Site, signal: AbortSignal): Promise<MirrorListing> {
    return new MirrorListing(await PageListing.open(site, signal));
  }

  async list(path: ByteString, signal: AbortSignal): Promise<SourceListing> {
    if (this.#pages !== undefined) return this.#pages.list(path, signal);
    throw new SourceError("absent", "The server lists nothing there in a form that is known");
  }
}
