// Finds out how a site can be listed: the best way first.

import { SourceError } from "../source-error.ts";
import type { ListingKind } from "./listing-kind.ts";
import { PageListing } from "./page-listing.ts";
import type { Site } from "./site.ts";

/** Tries what there is. Rejects with SourceError: "absent" where nothing is. */
export async function openListing(
  site: Site,
  _suites: readonly string[],
  signal: AbortSignal,
): Promise<ListingKind> {
  const pages = await PageListing.open(site, signal);
  if (pages !== undefined) return pages;
  throw new SourceError("absent", "The server lists nothing there in a form that is known");
}
