// Continues a file that an interrupted run left unfinished, where it lies.

import { joinPath } from "../../base/index.ts";
import { type FileHandle, Stat } from "../../fs/index.ts";
import { permissionMask, typeMask } from "../../tree/index.ts";
import { everyAttribute, setAttributes } from "./attributes.ts";
import { commitStaged, type Seen } from "./commit.ts";
import type { ContentSource, ReceiveContext, SourceEntry } from "./context.ts";
import { isFlushed, noteDelayed, waits } from "./finish.ts";
import { openForUpdate, type Partial, releasePartial } from "./partial-files.ts";
import { fillProven } from "./prove-content.ts";
import { isReadBack } from "./read-back.ts";
import type { TargetPlace } from "./target-place.ts";

/** What is at hand of the file. */
export interface Continued {
  readonly content: ContentSource;
  /** The source, open. */
  readonly file: FileHandle;
  readonly partial: Partial;
}

/** Completes the unfinished file and gives it its name. False = a problem was reported; it stays as far as it got. */
export function continuePartial(
  context: ReceiveContext,
  place: TargetPlace,
  entry: SourceEntry,
  seen: Seen,
  { content, file, partial }: Continued,
): boolean {
  const { fs, options } = context;
  const { staged, size } = partial;
  const { listing, index } = entry;
  const at = { dir: staged.dir, name: staged.name, path: joinPath(place.path, entry.name) };
  let used = false;
  try {
    const target = openForUpdate(context, staged.dir, staged.name);
    try {
      const filling = {
        source: file,
        target,
        basis: { file: target, size },
        isBasis: true,
      } as const;
      if (!fillProven(context, entry, content, filling)) return false;
      if (!options.attributes.mode && !options.content.resumes) keepMode(context, entry, target);
      setAttributes(context, at, listing, index, everyAttribute(options, listing, index));
      if (isFlushed(context, entry)) fs.syncFile(target);
    } finally {
      fs.closeFile(target);
    }
    if (options.content.readBack && !isReadBack(context, place, entry, staged, file)) return false;
    if (waits(context, entry)) {
      noteDelayed(context, entry, staged, seen, options.content.partials?.kind ?? "staged");
      return true;
    }
    used = commitStaged(context, place, entry.name, staged, seen, entry);
    return used;
  } finally {
    releasePartial(context, place, partial, used);
  }
}

const stat = new Stat();

/** As in rsync, where modes do not travel the unfinished file's own stays, whatever stands under the name. */
function keepMode(
  { fs, options }: ReceiveContext,
  { listing, index }: SourceEntry,
  target: FileHandle,
): void {
  fs.statFile(target, stat);
  const wanted = listing.mode[index] as number;
  let mode = stat.mode & permissionMask;
  if (options.attributes.executability) {
    if ((wanted & 0o111) === 0) mode &= ~0o111;
    else if ((mode & 0o111) === 0) mode |= (mode & 0o444) >> 2;
  }
  listing.mode[index] = (wanted & typeMask) | mode;
}
