// Makes symlinks, devices, FIFOs, sockets, and directories that take the place of something else:
// staged under a temporary name, given their attributes, then moved into place, so that a path is
// never absent in between.

import { FsError } from "../../fs/index.ts";
import { type Directory, isDirectory, isSymlink, setGroupId, typeMask } from "../../tree/index.ts";
import { commitStaged, type Seen } from "./commit.ts";
import type { ReceiveContext, SourceEntry } from "./context.ts";
import { stageInheritance } from "./inheritance.ts";
import { createdModeOf, setNewAttributes } from "./new-attributes.ts";
import { discardStaged, type Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

/** Permissions of a node until it has its own. */
const nodeMode = 0o600;

/** Makes the entry under its name. Throws FsError for the target's troubles; false = conflict. */
export function receiveNode(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
): boolean {
  try {
    return stageNode(context, place, entry, seen, false);
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "EXDEV" || place.isApart) throw error;
    return stageNode(context, place, entry, seen, true);
  }
}

function stageNode(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
  near: boolean,
): boolean {
  const { fs } = context;
  const staged = makeStagedNode(context, place, entry, near);
  let kept = false;
  try {
    const { createdMode } = staged;
    setNewAttributes(context, place, entry, { staged, file: -1, createdMode });
    kept = commitStaged(context, place, entry.name, staged, seen, entry);
    return kept;
  } finally {
    if (!kept) discardStaged(fs, staged);
  }
}

function makeStagedNode(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  near: boolean,
): Staged & { readonly createdMode: number } {
  const { staging, options } = context;
  const { listing, index } = entry;
  const isDir = isDirectory(listing.mode[index] as number);
  const createdMode = isDir ? createdModeOf(options, listing, index) : nodeMode;
  for (let attempt = 0; ; attempt++) {
    const staged = near ? staging.near(place, entry.name) : staging.place(place, entry.name);
    try {
      if (!isDir) makeBare(context, staged, listing, index);
      else context.fs.makeDirectory(staged.dir, staged.name, createdMode);
      const inherits = isDir && stageInheritance(context, staged.dir).setGroupId;
      return { ...staged, createdMode: inherits ? createdMode | setGroupId : createdMode };
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
  context.fs.makeNode(staged.dir, staged.name, (mode & typeMask) | nodeMode, major, minor);
}
