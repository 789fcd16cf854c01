// Walks two streams of listings side by side and gives pairs of directories: on both sides, or on one
// with nothing on the other. Both streams are in listing order, so that one look ahead is enough.

import type { ByteString } from "../../base/index.ts";
import { compareDirectories, ListedDirectory } from "../../changeset/index.ts";
import type { ListingStream } from "./listing-stream.ts";

/** One directory on both sides; a side that does not have it is empty. */
export interface DirectoryPair {
  readonly path: ByteString;
  readonly source: ListedDirectory;
  readonly target: ListedDirectory;
  readonly inSource: boolean;
  readonly inTarget: boolean;
}

/** Gives pairs in listing order. What a pair holds is valid until the next. */
export function* compareTrees(
  source: ListingStream,
  target: ListingStream,
): Generator<DirectoryPair> {
  const [noSource, noTarget] = [new ListedDirectory(), new ListedDirectory()];
  let [left, right] = [source.next(), target.next()];
  while (left !== undefined || right !== undefined) {
    const order =
      left === undefined ? 1 : right === undefined ? -1 : compareDirectories(left.path, right.path);
    const path = (order <= 0 ? left?.path : right?.path) ?? "";
    noSource.reset(path);
    noTarget.reset(path);
    yield {
      path,
      source: order <= 0 ? (left ?? noSource) : noSource,
      target: order >= 0 ? (right ?? noTarget) : noTarget,
      inSource: order <= 0,
      inTarget: order >= 0,
    };
    if (order <= 0) left = source.next();
    if (order >= 0) right = target.next();
  }
}
