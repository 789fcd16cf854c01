// Whether a target has nothing yet.

import type { KeptPieces } from "../verbs/kept-pieces.ts";
import { WrittenListing } from "../verbs/listing-stream.ts";

/** Bytes that a listing of one empty directory does not exceed. */
const bareBytesMax = 64 * 1024;

/**
 * Says whether a listing has no entry: then the target is as one that is still to be made, whatever attributes its root has
 * meanwhile, and is sent what those are sent. Throws ManifoldError for what is no listing.
 */
export function isBare(kept: KeptPieces): boolean {
  if (kept.isEmpty) return true;
  if (kept.length > bareBytesMax) return false;
  const listing = new WrittenListing(kept.pieces(), "the target");
  let entries = 0;
  for (let at = listing.next(); at !== undefined; at = listing.next()) {
    const { columns } = at;
    // The root itself is one of them.
    for (let i = 0; i < columns.count; i++) if (columns.name(i) !== ".") entries++;
  }
  return entries === 0 && listing.isComplete;
}
