// What happens to a file that is complete: it gets its name now, or waits for the end of the run
// (--delay-updates) and gets it then.

import { Directory } from "../../tree/index.ts";
import { commitStaged, type Seen } from "./commit.ts";
import type { DelayedUpdate, ReceiveContext, SourceEntry } from "./context.ts";
import { locatePartial, moveToPartials, releasePartial } from "./partial-files.ts";
import type { Wanted } from "./settle-conflict.ts";
import type { Staged } from "./staging.ts";
import type { TargetPlace } from "./target-place.ts";

/** Gives the staged file its name or puts it where it waits. As commitStaged(). */
export function finishStaged(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  staged: Staged,
  seen: Seen,
): boolean {
  const { delayed, partials } = context.options.content;
  if (!waits(context, entry)) return commitStaged(context, place, entry.name, staged, seen, entry);
  const moves = delayed === "end" && partials !== undefined;
  if (moves) moveToPartials(context, place, entry.name, staged);
  noteDelayed(context, entry, staged, seen, moves ? partials.kind : "staged");
  return true;
}

/** Says whether the file waits for its name. Other names of a file with several are linked to it in the course of the run. */
export function waits({ options }: ReceiveContext, { listing, index }: SourceEntry): boolean {
  const { delayed, linksNow } = options.content;
  return delayed !== "no" && !(linksNow && (listing.nlink[index] as number) > 1);
}

/** Says whether the file is flushed on its own before it gets its name. */
export function isFlushed(context: ReceiveContext, entry: SourceEntry): boolean {
  const { fsync, content } = context.options;
  return fsync || (content.delayed === "batch" && !waits(context, entry));
}

/** Tells the run about a finished file that lies where it is to wait. */
export function noteDelayed(
  context: ReceiveContext,
  entry: SourceEntry,
  staged: Staged,
  { listing, index }: Seen,
  where: DelayedUpdate["where"],
): void {
  const seen =
    index < 0 ? undefined : seenColumns.map((column) => listing[column][index] as number);
  const wanted = entry.listing;
  context.delay({
    name: entry.name,
    where,
    waitingName: staged.name,
    mount: staged.mount,
    seen,
    mode: wanted.mode[entry.index] as number,
    size: wanted.size[entry.index] as number,
    mtime: wanted.mtime[entry.index] as number,
    mtimeNanos: wanted.mtimeNanos[entry.index] as number,
  });
}

const seenColumns = ["mode", "size", "mtime", "mtimeNanos", "inoLow", "inoHigh", "nlink"] as const;

/** Gives a file that waited its name. Throws FsError; false after a conflict was reported. */
export function commitDelayed(
  context: ReceiveContext,
  place: TargetPlace,
  update: DelayedUpdate,
): boolean {
  const { name } = update;
  if (update.where === "named") return true;
  const wanted = wantedOf(update);
  const seen = seenOf(update);
  if (update.where === "staged") {
    const dir = context.staging.open(update.mount);
    const staged = { dir, name: update.waitingName, mount: update.mount };
    return commitStaged(context, place, name, staged, seen, wanted);
  }
  const staged = locatePartial(context, place, name);
  if (staged === undefined) return false;
  let committed = false;
  try {
    committed = commitStaged(context, place, name, staged, seen, wanted);
    return committed;
  } finally {
    releasePartial(context, place, { staged, size: 0 }, committed);
  }
}

function seenOf({ name, seen }: DelayedUpdate): Seen {
  const listing = new Directory();
  if (seen === undefined) return { listing, index: -1 };
  const index = listing.add(name, 0);
  for (let k = 0; k < seenColumns.length; k++) {
    listing[seenColumns[k] as (typeof seenColumns)[number]][index] = seen[k] as number;
  }
  return { listing, index };
}

function wantedOf(update: DelayedUpdate): Wanted {
  const listing = new Directory();
  const index = listing.add(update.name, update.mode);
  listing.size[index] = update.size;
  listing.mtime[index] = update.mtime;
  listing.mtimeNanos[index] = update.mtimeNanos;
  return { listing, index };
}
