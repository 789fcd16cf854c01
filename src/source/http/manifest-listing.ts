// Our own manifest: a listing that `manifold scan --digests` has written, served as a file at the top of the tree. It has everything that
// a tree has: exact times, modes, owners, links, digests.

import { ManifoldError } from "../../base/index.ts";
import { ChangesetReader } from "../../changeset/index.ts";
import { ListingRecords, manifestName } from "./listing-records.ts";
import { asSourceError, type Site } from "./site.ts";
import type { TreeListing } from "./tree-listing.ts";

/** Reads it; undefined where there is none, or something else has that name. */
export async function openManifest(
  site: Site,
  signal: AbortSignal,
): Promise<TreeListing | undefined> {
  const response = await site.askIfThere(manifestName, signal);
  if (response === undefined) return undefined;
  const collected = new ListingRecords(response.header("last-modified"));
  const reader = new ChangesetReader();
  try {
    for await (const bytes of response.body) {
      reader.push(bytes);
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        if (record.type === "header") collected.begin(record.header);
        else if (record.type === "listing") collected.take(record.listing);
        else if (record.type === "problem") collected.isComplete = false;
        else if (record.type === "trailer") collected.isComplete &&= record.trailer.complete;
      }
    }
    reader.finish();
    return collected.finish();
  } catch (error) {
    signal.throwIfAborted();
    // A web site that answers everything with a page has no manifest.
    const isForeign = error instanceof ManifoldError && collected.header === undefined;
    if (isForeign && error.code === "changeset-invalid") return undefined;
    throw asSourceError(error);
  }
}
