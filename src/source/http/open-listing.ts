// Finds out how a site can be listed: the best way first.

import type { Clock } from "../../base/index.ts";
import { SourceError } from "../source-error.ts";
import { openDebian } from "./debian-listing.ts";
import { openChecksums, openLs } from "./list-listings.ts";
import type { ListingKind } from "./listing-kind.ts";
import { openManifest } from "./manifest-listing.ts";
import { isMetalinkUrl, openMetalink } from "./metalink-listing.ts";
import { PageListing } from "./page-listing.ts";
import type { Site } from "./site.ts";

/** What may be tried. */
export interface ListingSettings {
  readonly site: Site;
  readonly clock: Clock;
  /** Suites of a Debian archive: whoever names some wants what belongs to them. */
  readonly suites: readonly string[];
}

/**
 * Tries Debian's indices of the suites that were named, our own manifest, ls-lR, directory indexes, lists of checksums; at the URL of a
 * Metalink file, that. Rejects with SourceError: "absent" where there is none of them.
 */
export async function openListing(
  settings: ListingSettings,
  signal: AbortSignal,
): Promise<ListingKind> {
  const { site, clock, suites } = settings;
  if (isMetalinkUrl(site.base)) return openMetalink(site, signal);
  const found =
    (await openDebian({ site, clock, suites }, signal)) ??
    (await openManifest(site, signal)) ??
    (await openLs(site, clock, signal)) ??
    (await PageListing.open(site, signal)) ??
    (await openChecksums(site, clock, signal));
  if (found !== undefined) return found;
  throw new SourceError("absent", "The server lists nothing there in a form that is known");
}
