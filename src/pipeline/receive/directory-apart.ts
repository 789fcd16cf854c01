// New directories are filled where nobody sees them and get their name when their files are
// complete: one rename for a directory instead of one for each of its files, and P1 holds for all
// of them. Only plain directories: what the parent's default list or set-group-id bit would give
// them is had only by those that are made in it.

import { type ByteString, joinPath } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import { type Directory, isDirectory } from "../../tree/index.ts";
import { commitStaged } from "./commit.ts";
import type { ReceiveContext, SourceEntry } from "./context.ts";
import { inheritanceOf } from "./inheritance.ts";
import { createdModeOf, setNewAttributes } from "./new-attributes.ts";
import { discardStaged, type Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

/** Makes the directory of an order in staging and returns where; undefined = it has to be made in its place. */
export function makeApart(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
): Staged | undefined {
  const { fs, options, staging } = context;
  const gives = inheritanceOf(context, place);
  if (gives.setGroupId || gives.defaultAcl !== undefined) return undefined;
  try {
    const staged = staging.directory?.();
    if (staged === undefined) return undefined;
    const createdMode = createdModeOf(options, entry.listing, entry.index);
    fs.makeDirectory(staged.dir, staged.name, createdMode);
    setNewAttributes(context, place, entry, { staged, file: -1, createdMode });
    return staged;
  } catch (error) {
    // Whatever is wrong shows once more, and is told, when the directory is made in its place.
    if (!(error instanceof FsError)) throw error;
    return undefined;
  }
}

/** A directory that is filled apart. */
export interface ApartDirectory {
  readonly staged: Staged;
  /** It, as a place. */
  readonly inside: TargetPlace;
  /** What it was filled from: entries 0 up to `to`. */
  readonly source: Directory;
  readonly to: number;
}

/**
 * Gives the directory its name in `parent`. Where another run has made one of the same name meanwhile, its entries
 * get their names in that. Throws FsError.
 */
export function bringIn(
  context: ReceiveContext,
  apart: ApartDirectory,
  parent: TargetPlace,
  name: ByteString,
): void {
  const { fs } = context;
  const { staged } = apart;
  try {
    fs.rename(staged.dir, staged.name, parent.dir, name, "no-replace");
    return;
  } catch (error) {
    if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
  }
  const theirs = fs.openDirectory(parent.dir, name);
  try {
    merge(context, apart, { dir: theirs, path: joinPath(parent.path, name) });
  } finally {
    fs.closeDirectory(theirs);
  }
  fs.removeDirectory(staged.dir, staged.name);
}

/** Nothing of theirs is replaced: an entry that they have is a conflict, or the same as ours. */
function merge(
  context: ReceiveContext,
  { staged, inside, source, to }: ApartDirectory,
  theirs: TargetPlace,
): void {
  for (let index = 0; index < to; index++) {
    if (isDirectory(source.mode[index] as number)) continue;
    const name = source.name(index);
    const ours = { dir: inside.dir, name, mount: staged.mount };
    try {
      commitStaged(
        context,
        theirs,
        name,
        ours,
        { listing: source, index: -1 },
        {
          listing: source,
          index,
        },
      );
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      // An entry whose order could not be carried out is not there, which has been told.
      if (error.code !== "ENOENT") {
        context.problem(joinPath(theirs.path, name), error.operation, error.errno);
        discardStaged(context.fs, ours);
      }
    }
  }
}
