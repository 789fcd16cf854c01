// Makes symlinks, devices, FIFOs and sockets: staged under a temporary name, given their
// attributes, then moved into place, so that a path is never absent in between.

import { FsError } from "../../fs/index.ts";
import { isSymlink, type Directory } from "../../tree/index.ts";
import { allAttributes, setAttributes } from "./attributes.ts";
import { commitStaged, type Seen } from "./commit.ts";
import type { ReceiveContext, SourceEntry, TargetPlace } from "./context.ts";
import { discardStaged, type Staged } from "./staging.ts";

/** Makes the entry under its name. Throws FsError for the target's troubles; false = conflict. */
export function receiveNode(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
): boolean {
  const { fs } = context;
  const { listing, index } = entry;
  const staged = makeStagedNode(context, place, entry);
  let kept = false;
  try {
    setAttributes(
      context,
      staged.dir,
      staged.name,
      listing,
      index,
      allAttributes(context.options, listing, index),
    );
    kept = commitStaged(context, place, entry.name, staged, seen);
    return kept;
  } finally {
    if (!kept) discardStaged(fs, staged);
  }
}

function makeStagedNode(context: ReceiveContext, place: TargetPlace, entry: SourceEntry): Staged {
  for (let attempt = 0; ; attempt++) {
    const staged = context.staging.place(place.dir, entry.name);
    try {
      makeBare(context, staged, entry.listing, entry.index);
      return staged;
    } catch (error) {
      if (!(error instanceof FsError) || error.code !== "EEXIST" || attempt > 100) throw error;
    }
  }
}

function makeBare(
  context: ReceiveContext,
  staged: Staged,
  listing: Directory,
  index: number,
): void {
  const mode = listing.mode[index] as number;
  if (isSymlink(mode)) {
    context.fs.makeSymlink(staged.dir, staged.name, listing.linkTargets.get(index) ?? "");
    return;
  }
  const [major, minor] = [listing.rdevMajor[index] as number, listing.rdevMinor[index] as number];
  context.fs.makeNode(staged.dir, staged.name, (mode & ~0o7777) | 0o600, major, minor);
}
