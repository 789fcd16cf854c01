// Listings for tests of moved files: written down by name, size and time, and packed as lanes pack them.

import type { ByteString } from "../../../src/base/index.ts";
import { memoryStore } from "../../../src/changeset/index.ts";
import { Candidates, WantedFiles } from "../../../src/pipeline/index.ts";
import { Directory, typeRegular } from "../../../src/tree/index.ts";

const scratch = new Directory();

/** A file of a test. */
export interface TestFile {
  readonly directory: ByteString;
  readonly name: ByteString;
  readonly size: number;
  readonly mtime: number;
  readonly nanos?: number;
}

/** Returns the files by directory, in the order in which directories are met first. */
export function byDirectory(files: readonly TestFile[]): Map<ByteString, TestFile[]> {
  const found = new Map<ByteString, TestFile[]>();
  for (const file of files) {
    const those = found.get(file.directory);
    if (those === undefined) found.set(file.directory, [file]);
    else those.push(file);
  }
  return found;
}

/** Returns a listing of files, valid until the next call. */
export function listingOf(files: readonly TestFile[]): Directory {
  const listing = scratch;
  listing.clear();
  for (const { name, size, mtime, nanos } of files) {
    const i = listing.add(name, typeRegular | 0o644);
    listing.size[i] = size;
    listing.mtime[i] = mtime;
    listing.mtimeNanos[i] = nanos ?? 0;
  }
  return listing;
}

/** Returns candidates; above `memoryBytesMax` they are spilled. */
export function candidatesOf(
  files: readonly TestFile[],
  memoryBytesMax = Number.POSITIVE_INFINITY,
): Candidates {
  const candidates = new Candidates(memoryBytesMax, memoryStore);
  for (const [path, those] of byDirectory(files)) {
    candidates.addDirectory(0, path, listingOf(those));
  }
  return candidates;
}

/** Returns files that wait, in the order in which they are given; all are new. */
export function wantedOf(files: readonly TestFile[]): WantedFiles {
  const wanted = new WantedFiles();
  const directories = new Map<ByteString, number>();
  files.forEach((file, row) => {
    const known = directories.get(file.directory);
    const directory = known ?? wanted.addDirectory(file.directory);
    directories.set(file.directory, directory);
    wanted.add(directory, row, listingOf([file]), 0, false);
  });
  return wanted;
}
