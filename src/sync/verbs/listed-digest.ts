// The digest of a listed file: the listing's own, or, where the tree is at hand, computed.

import type { ByteString } from "../../base/index.ts";
import type { ChangesetDigest, ListedDirectory } from "../../changeset/index.ts";
import { FsError } from "../../fs/index.ts";
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
    return digestListed(stream.files, listed.columns.name(i), i, name);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

/** Reads entry `index`, whose name is `name`, and returns its digest. Throws FsError. */
export function digestListed(
  { fs, openFile }: OpensFiles,
  name: ByteString,
  index: number,
  digest: ChangesetDigest,
): Uint8Array {
  const file = openFile(name, index);
  try {
    return digestOpenFile(fs, file, digest);
  } finally {
    fs.closeFile(file);
  }
}
