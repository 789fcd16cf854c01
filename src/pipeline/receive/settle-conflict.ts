// What happens when a staged entry finds its name taken by something that the scan did not see: nobody's work is
// overwritten unnoticed (promise P5).

import { type ByteString, joinPath } from "../../base/index.ts";
import { FsError, Stat } from "../../fs/index.ts";
import { type Directory, sameNanos } from "../../tree/index.ts";
import type { ReceiveContext } from "./context.ts";
import { discardStaged, type Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

const stat = new Stat();

/** What is told of a conflict. */
export const leftAsItIs = "the target changed during the run and was left as it is";

/** What tells that somebody else has brought the same content already: an entry of the source listing. */
export interface Wanted {
  readonly listing: Directory;
  readonly index: number;
}

/** The target has something that the scan did not see: fine if it is what we bring, else as the user wishes. */
export function settleConflict(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
  wanted: Wanted | undefined,
): boolean {
  if (wanted !== undefined && isWanted(context, place, name, wanted)) {
    discardStaged(context.fs, staged);
    return true;
  }
  const kept =
    context.options.onConflict === "keep-both" ? keepBoth(context, place, name, staged) : undefined;
  if (kept === undefined) discardStaged(context.fs, staged);
  const reason = leftAsItIs;
  context.problem(
    joinPath(place.path, name),
    "conflict",
    0,
    kept === undefined ? reason : `${reason}; the source's is now "${kept}"`,
  );
  return false;
}

/** Another run with the same source came first. */
function isWanted(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  { listing, index }: Wanted,
): boolean {
  const { attributes } = context.options;
  return (
    context.fs.stat(place.dir, name, stat) &&
    stat.mode === listing.mode[index] &&
    stat.size === listing.size[index] &&
    stat.mtime === listing.mtime[index] &&
    sameNanos(attributes, stat.mtimeNanos, listing.mtimeNanos[index] as number)
  );
}

const namesTried = 100;

/** Gives the staged entry a name of its own beside the other; returns it. */
function keepBoth(
  context: ReceiveContext,
  place: TargetPlace,
  name: ByteString,
  staged: Staged,
): ByteString | undefined {
  for (let number = 1; number <= namesTried; number++) {
    const suffix = number === 1 ? ".conflict" : `.conflict-${number}`;
    const other = name.slice(0, 255 - suffix.length) + suffix;
    try {
      context.fs.rename(staged.dir, staged.name, place.dir, other, "no-replace");
      return other;
    } catch (error) {
      if (!(error instanceof FsError) || error.code !== "EEXIST") throw error;
    }
  }
  return undefined;
}
