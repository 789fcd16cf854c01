// The digest of a listed file: the listing's own, or, where the tree is at hand, computed.

import type { ChangesetDigest, ListedDirectory } from "../../changeset/index.ts";
import { type FileHandle, FsError } from "../../fs/index.ts";
import type { Directory } from "../../tree/index.ts";
import { digestOfFile } from "../lane/equal-digests.ts";
import { digestOpenFile } from "../lane/file-digest.ts";
import type { ListingStream, OpensFiles } from "./listing-stream.ts";

/** Returns the digest of entry `i` of the directory that `stream` gave last, undefined when it cannot be had. */
export function listedDigest(
  stream: ListingStream,
  listed: ListedDirectory,
  i: number,
  name: ChangesetDigest,
): Uint8Array | undefined {
  if (stream.digest === name) return listed.states.digests.get(i);
  if (stream.files === undefined) return undefined;
  try {
    return digestListed(stream.files, listed.columns, i, name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

/** Reads row `i` of a listing, if its digest is not known from an earlier run, and returns its digest. Throws FsError. */
export function digestListed(
  { fs, openFile, digestsOf }: OpensFiles,
  listing: Directory,
  i: number,
  digest: ChangesetDigest,
): Uint8Array {
  const open = (): FileHandle => openFile(listing.name(i), i);
  if (digest === "blake3") {
    return digestOfFile({ fs, listing, i, digests: digestsOf(i), open }, () => undefined);
  }
  const file = open();
  try {
    return digestOpenFile(fs, file, digest);
  } finally {
    fs.closeFile(file);
  }
}
