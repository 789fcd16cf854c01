// The digest of a listed file: the listing's own, or, where the tree is at hand, computed.

import type { ChangesetDigest, ListedDirectory } from "../../changeset/index.ts";
import { FsError } from "../../fs/index.ts";
import { digestFile } from "./file-digest.ts";
import type { ListingStream } from "./listing-stream.ts";

/** Returns the digest of entry `i` by that name, undefined when it cannot be had. */
export function listedDigest(
  stream: ListingStream,
  listed: ListedDirectory,
  i: number,
  name: ChangesetDigest,
): Uint8Array | undefined {
  if (stream.digest === name) return listed.states.digests.get(i);
  const { place } = stream;
  if (place === undefined) return undefined;
  try {
    const dir = place.fs.openDirectory(place.root, listed.path);
    try {
      return digestFile(place.fs, dir, listed.columns.name(i), name);
    } finally {
      place.fs.closeDirectory(dir);
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}
