// cache: digests of files that were read before, kept between runs.
//
// In: who a file is and in which state (device, inode, size, mtime, ctime). Out: the BLAKE3 digest that its content had
// when it was in that state. One file for each root, in the user's cache directory.
//
//   const opened = openDigestFile({ path: cacheFile(directory, root), root, ... });   // the run's owner
//   const digests = new RootDigests(opened.shared);                                   // each lane
//   digests.lookup(stat); digests.remember(stat, digest, { fs, file });
//
// Promised: what is torn, foreign, hostile by accident or out of date costs time only; a file of which it cannot be
// known that every change moves its ctime is never in it. Not promised: that anything is remembered.

export { cacheFile, userCacheDirectory } from "./cache-places.ts";
export {
  DigestFile,
  type DigestFileOptions,
  openDigestFile,
  type SharedDigests,
} from "./digest-file.ts";
export type { FileState } from "./entry.ts";
export {
  type CacheCare,
  type CacheFacts,
  clearCache,
  listCaches,
  pruneCache,
  type Verified,
  verifyCache,
} from "./look-after.ts";
export { type DigestPlace, RootDigests } from "./root-digests.ts";
export { stateOfRow } from "./row-state.ts";
