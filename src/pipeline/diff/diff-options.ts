// What diff needs to know of the user's wishes, and how it tells what it leaves alone.

import type { ByteString } from "../../base/index.ts";
import type { AttributeRules } from "../../tree/index.ts";

/** Which entries are wanted, and when content counts as equal. */
export interface DiffOptions {
  readonly attributes: AttributeRules;
  readonly links: boolean;
  readonly devices: boolean;
  readonly specials: boolean;
  readonly safeLinks: boolean;
  readonly existing: boolean;
  readonly ignoreExisting: boolean;
  readonly update: boolean;
  readonly sizeOnly: boolean;
  readonly ignoreTimes: boolean;
  readonly checksum: boolean;
  /** -d without -r and without --files-from: directories are made but not entered. */
  readonly minSize: number;
  readonly maxSize: number;
  /** Permission bits a new entry keeps where modes are not preserved (777 less the umask). */
  readonly newModeMask: number;
  /** --append: a shorter target is continued, a longer or equal one left alone. */
  readonly append: boolean;
  /** Entries that keep their content are told as rsync tells them (tell-afterwards.ts). */
  readonly tellsAfterwards: boolean;
  /** Devices are transferred as their content (--copy-devices, --write-devices). */
  readonly deviceContent: boolean;
}

/** What diff tells people about entries that it leaves alone. */
export type DiffNote = (topic: string, level: number, text: ByteString) => void;
