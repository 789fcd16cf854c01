// What changed about one entry, as bits, and rsync's eleven-letter spelling of it
// (rsync(1), --itemize-changes: YXcstpoguax).

import { isDevice, isDirectory, isSpecial, isSymlink } from "./mode.ts";

/** Bits of an item's `changes`. The attribute bits say what differs, the others what was done. */
export const change = {
  content: 1 << 0,
  size: 1 << 1,
  mtime: 1 << 2,
  /** The time is set to the time of transfer, not to the source's (spelled T). */
  mtimeNow: 1 << 3,
  mode: 1 << 4,
  owner: 1 << 5,
  group: 1 << 6,
  atime: 1 << 7,
  crtime: 1 << 8,
  acl: 1 << 9,
  xattr: 1 << 10,
  /** The target had nothing of that name. */
  created: 1 << 11,
  /** Content is transferred (spelled >). */
  transfer: 1 << 12,
  /** Changed or made on the target itself: directory, symlink, node, local copy (spelled c). */
  local: 1 << 13,
  /** Made a hard link of another entry (spelled h). */
  hardLink: 1 << 14,
  /** The basis data of a changeset is not at hand (spelled ?). */
  missingData: 1 << 15,
  /** Reported, but nothing needs doing. */
  upToDate: 1 << 16,
  /** Times are set that nobody is told of: access times of symlinks, nanoseconds. */
  quietTimes: 1 << 17,
  /** Owner and group are set as the rules ask, but nobody is told. */
  quietOwner: 1 << 18,
  /** Taken from a basis directory (with hardLink: linked to its entry, not to one of the transfer). */
  basis: 1 << 19,
  /** Made of a file that the target had under another name: with `local`, copied; with `moved`, that name goes. */
  found: 1 << 20,
  moved: 1 << 21,
  /** It came along with its directory, whose line says so. */
  within: 1 << 22,
} as const;

/** All bits that say an attribute or content differs. */
export const attributeChanges =
  change.content |
  change.size |
  change.mtime |
  change.mtimeNow |
  change.mode |
  change.owner |
  change.group |
  change.atime |
  change.crtime |
  change.acl |
  change.xattr;

/** Bits that make an item worth a line without being asked for unchanged ones too. */
export const significantChanges =
  attributeChanges |
  change.created |
  change.transfer |
  change.local |
  change.hardLink |
  change.missingData |
  change.found;

/** Returns rsync's eleven letters for an entry of this mode with these changes; "m" for what moved is ours. */
export function formatItem(changes: number, mode: number): string {
  const update =
    changes & change.local
      ? changes & change.hardLink
        ? "h"
        : changes & change.moved
          ? "m"
          : "c"
      : changes & change.transfer
        ? ">"
        : ".";
  const type = isDirectory(mode)
    ? "d"
    : isSymlink(mode)
      ? "L"
      : isDevice(mode)
        ? "D"
        : isSpecial(mode)
          ? "S"
          : "f";
  const head = update + type;
  if (changes & change.created) return `${head}+++++++++`;
  if (changes & change.missingData) return `${head}?????????`;
  const letters = formatAttributes(changes, isSymlink(mode));
  const quiet = update !== ">";
  return quiet && letters === "........." ? `${head}         ` : head + letters;
}

function formatAttributes(changes: number, isLink: boolean): string {
  const access =
    changes & change.atime
      ? changes & change.crtime
        ? "b"
        : "u"
      : changes & change.crtime
        ? "n"
        : ".";
  return (
    (changes & change.content ? "c" : ".") +
    (changes & change.size && !isLink ? "s" : ".") +
    (changes & change.mtimeNow ? "T" : changes & change.mtime ? "t" : ".") +
    (changes & change.mode ? "p" : ".") +
    (changes & change.owner ? "o" : ".") +
    (changes & change.group ? "g" : ".") +
    access +
    (changes & change.acl ? "a" : ".") +
    (changes & change.xattr ? "x" : ".")
  );
}
