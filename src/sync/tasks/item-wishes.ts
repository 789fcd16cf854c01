// What items have to tell beyond the usual, because a format asks for it: it costs something, so it
// is looked up only then.

import type { DigestName } from "../../hash/index.ts";
import { formatHas, type Options } from "../../options/index.ts";
import type { Checksums } from "../../rsync/index.ts";

/** What is wished of items. */
export interface ItemWishes {
  /** The path on the source side (%f). */
  readonly sourcePath: boolean;
  /** Which source it came from (--json). */
  readonly source: boolean;
  /** A digest of the content (%C); undefined = none, or one that we do not have. */
  readonly checksum: DigestName | undefined;
  /** Lines about a file's progress (--progress), and its item before its content is moved. */
  readonly progress: boolean;
  /** With progress: the item can be told before the content is moved, since it does not tell of it. */
  readonly early: boolean;
}

/** Returns what these options wish of items. `sums`: what was agreed on with an rsync at the other end. */
export function itemWishes(options: Options, sums?: Checksums): ItemWishes {
  const { outFormat = "", logFileFormat = "", info, json, logBeforeTransfer } = options.output;
  const has = (letter: string): boolean =>
    formatHas(outFormat, letter) || formatHas(logFileFormat, letter);
  const progress = info.progress === 1;
  return {
    sourcePath: has("f"),
    source: json !== undefined,
    checksum: has("C") ? checksumName(options, sums) : undefined,
    progress,
    early: progress && logBeforeTransfer && json === undefined,
  };
}

/** rsync tells the digest of the comparison under -c, else that of the transfer. */
function checksumName({ transfer, select }: Options, sums?: Checksums): DigestName | undefined {
  if (sums !== undefined) return select.checksum ? sums.listName : sums.name;
  const [transferName, compareName] = transfer.checksumChoice ?? ["auto", "auto"];
  const name = select.checksum ? compareName : transferName;
  if (name === "auto" || name === "md5") return "md5";
  return name === "sha1" ? "sha1" : undefined;
}

/** Which entries are told one by one. */
export function itemsWanted(options: Options): "none" | "changed" | "all" {
  const { output } = options;
  if (output.listOnly || output.itemize > 1 || output.info.name > 1) return "all";
  const wanted =
    output.itemize > 0 ||
    output.outFormat !== undefined ||
    output.logFile !== undefined ||
    output.json !== undefined ||
    output.info.name > 0 ||
    output.info.del > 0 ||
    output.progress;
  return wanted ? "changed" : "none";
}
