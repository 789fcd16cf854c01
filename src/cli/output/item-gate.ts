// Which items are worth a line, on standard output and in the log: rsync's rules, observed.
// Transfers always are; what else happened to an entry depends on -i, -ii, -v and -vv.

import {
  attributeChanges,
  change,
  type ItemEvent,
  isDirectory,
  isSymlink,
} from "../../tree/index.ts";
import type { ReportSettings } from "./settings.ts";

/** What to print: the formatted line, the bare name, "NAME is uptodate", or nothing. */
export type ItemLineKind = "formatted" | "name" | "uptodate" | "none";

/** What to do with one item. */
export interface ItemGate {
  readonly line: ItemLineKind;
  /** The formatted line goes into the log too, where there is one. */
  readonly logged: boolean;
}

const significant = attributeChanges | change.created | change.missingData | change.found;
const nothing: ItemGate = { line: "none", logged: false };

/** Decides about one item. `logHasChanges`: the log's format contains %i. */
export function itemGate(
  event: ItemEvent,
  settings: ReportSettings,
  logHasChanges: boolean,
): ItemGate {
  const { changes } = event;
  // A dry run's transfers never reach rsync's log.
  if (changes & change.transfer) return { line: "formatted", logged: !settings.dryRun };
  const isSignificant = (changes & significant) !== 0;
  // The line of its directory has told it.
  if (changes & change.within && settings.itemize < 2 && settings.info.name < 2) {
    return { line: "none", logged: true };
  }
  const isLinked = isNewLink(event);
  const { itemize } = settings;
  const seen = itemize > 0 && (isSignificant || isLinked || itemize > 1 || settings.info.name > 1);
  const isOwnChange = (changes & change.local) !== 0 && isSignificant;
  if (seen || isLinked || isOwnChange || (isDirectory(event.mode) && isSignificant)) {
    return { line: "formatted", logged: isSignificant || logHasChanges };
  }
  if (itemize > 0 || settings.info.name < 2) return nothing;
  // Directories are silent, except new ones that are as in a basis directory (--link-dest and kin).
  if (isDirectory(event.mode) && !(changes & change.local)) return nothing;
  // Owners that were given without a word of it make a name of it all the same.
  const isGiven = isSignificant || (changes & change.quietOwner) !== 0;
  return { line: isGiven ? "name" : "uptodate", logged: true };
}

/** Says whether the item is a hard link that was made, not one that was already there. */
export function isNewLink(event: ItemEvent): boolean {
  const { changes, linkTarget } = event;
  if (!(changes & change.hardLink) || changes & (change.upToDate | change.basis)) return false;
  return linkTarget !== undefined && linkTarget !== "";
}

/** Says whether the item's link target is the entry that it was linked to, not where a symlink points. */
export function namesLeader(event: ItemEvent): boolean {
  if (isNewLink(event)) return true;
  const { changes, linkTarget, mode } = event;
  return (changes & change.hardLink) !== 0 && linkTarget !== undefined && !isSymlink(mode);
}
