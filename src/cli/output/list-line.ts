// The lines of --list-only: mode, size, times, name.

import type { ByteString } from "../../base/index.ts";
import { isDirectory, isSymlink } from "../../tree/index.ts";
import { modeText } from "./mode-text.ts";
import { formatNumber } from "./numbers.ts";
import { timeText } from "./time-text.ts";

/** What a list line tells of one entry. Times are seconds since 1970. */
export interface ListEntry {
  readonly path: ByteString;
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly atime?: number;
  readonly crtime?: number;
  /** Undefined = the target is not told (no -l). */
  readonly linkTarget?: ByteString | undefined;
}

/** Which columns there are. */
export interface ListColumns {
  readonly atimes: boolean;
  readonly crtimes: boolean;
  /** Level of number formatting. */
  readonly numbers: number;
}

/** Width of a time column with the space before it. */
const timeWidth = 20;

/** Returns the line for one entry, without newline. Directories have no access time, as in rsync. */
export function listLine(entry: ListEntry, columns: ListColumns): ByteString {
  const size = formatNumber(entry.size, columns.numbers).padStart(columns.numbers > 0 ? 14 : 11);
  const atime = isDirectory(entry.mode) ? undefined : entry.atime;
  const times =
    timeText(entry.mtime) +
    (columns.atimes ? timeColumn(atime) : "") +
    (columns.crtimes ? timeColumn(entry.crtime) : "");
  const arrow =
    isSymlink(entry.mode) && entry.linkTarget !== undefined ? ` -> ${entry.linkTarget}` : "";
  return `${modeText(entry.mode)} ${size} ${times} ${entry.path || "."}${arrow}`;
}

function timeColumn(time: number | undefined): string {
  return (time === undefined ? "" : timeText(time)).padStart(timeWidth);
}
