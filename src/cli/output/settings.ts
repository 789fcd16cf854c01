// What a reporter needs to know of the resolved options. Made once at the start of a run, so that
// the faces themselves decide nothing about options.

import type { ByteString } from "../../base/index.ts";
import type { DebugFlag, InfoFlag, Options, Personality } from "../../options/index.ts";
import { agreementLines } from "./agreement-text.ts";
import { type EscapeMode, escapeModeOf } from "./escape.ts";
import { type ItemFormat, readItemFormat } from "./item-format.ts";

/** The lines before the first item, rsync's "sending incremental file list" and its kin. */
export type HeadKind = "none" | "incremental" | "building";

/** Everything about output that the options decide. */
export interface ReportSettings {
  readonly personality: Personality;
  readonly dryRun: boolean;
  /** --only-write-batch. */
  readonly batchOnly: boolean;
  readonly quiet: boolean;
  readonly listOnly: boolean;
  /** Where lines that are not errors go. */
  readonly infoStream: "stdout" | "stderr" | "nowhere";
  /** Where errors go. */
  readonly errorStream: "stderr" | "nowhere";
  /** --outbuf=N or L: every line is written out at once. */
  readonly isLineBuffered: boolean;
  readonly json: "none" | "stdout" | "stderr" | "file";
  readonly escape: EscapeMode;
  /** 0 = no item changes, 1 = they are shown, 2 = for unchanged items too. */
  readonly itemize: number;
  /** The format of item lines; undefined = none. */
  readonly itemFormat: ItemFormat | undefined;
  readonly logBeforeTransfer: boolean;
  /** Deletions come after all transfers. */
  readonly deletesLast: boolean;
  /** The format of items in the log; undefined = no log, empty = a log without items. */
  readonly logFormat: ItemFormat | undefined;
  readonly info: Readonly<Record<InfoFlag, number>>;
  readonly debug: Readonly<Record<DebugFlag, number>>;
  /** Level of number formatting. */
  readonly numbers: number;
  readonly head: HeadKind;
  /** Lines before the announcement of the file list. */
  readonly agreements: readonly ByteString[];
  readonly preserve: PreserveColumns;
  /** Hexadecimal digits of a file's checksum. */
  readonly checksumDigits: number;
}

/** Which attributes travel, as far as lines show them. */
export interface PreserveColumns {
  readonly owner: boolean;
  readonly group: boolean;
  readonly links: boolean;
  readonly atimes: boolean;
  readonly crtimes: boolean;
}

/** What the surroundings decide. */
export interface ReportSurroundings {
  /** Name of the locale for characters: LC_ALL, else LC_CTYPE, else LANG, else "". */
  readonly locale: string;
  /** Standard output carries a listing or a changeset, so nothing else may go there. */
  readonly stdoutCarriesData: boolean;
}

/** Derives a reporter's settings from the resolved options. */
export function reportSettings(options: Options, surroundings: ReportSurroundings): ReportSettings {
  const { output, preserve, transfer } = options;
  const json = jsonPlace(output.json, surroundings.stdoutCarriesData);
  return {
    personality: options.personality,
    dryRun: transfer.dryRun,
    batchOnly: options.own.capture?.only === true,
    quiet: output.quiet,
    listOnly: output.listOnly,
    infoStream: infoStream(json, output.stderr === "all" || surroundings.stdoutCarriesData),
    errorStream: json === "stderr" ? "nowhere" : "stderr",
    isLineBuffered: output.outbuf === "none" || output.outbuf === "line",
    json,
    escape: escapeModeOf(surroundings.locale, output.eightBit, options.personality),
    itemize: output.itemize,
    itemFormat: output.outFormat === undefined ? undefined : readItemFormat(output.outFormat),
    logBeforeTransfer: output.logBeforeTransfer,
    deletesLast: options.delete.mode === "after" || options.delete.mode === "delay",
    logFormat:
      output.logFile === undefined ? undefined : readItemFormat(output.logFileFormat ?? ""),
    info: output.info,
    debug: output.debug,
    numbers: output.humanReadable,
    head: headKind(options),
    agreements: agreementLines(options),
    preserve: {
      owner: preserve.owner,
      group: preserve.group,
      links: preserve.links,
      atimes: preserve.atimes,
      crtimes: preserve.crtimes,
    },
    checksumDigits: checksumDigits(transfer.checksumChoice),
  };
}

function jsonPlace(
  json: { readonly file: ByteString | undefined } | undefined,
  stdoutCarriesData: boolean,
): ReportSettings["json"] {
  if (json === undefined) return "none";
  if (json.file !== undefined) return "file";
  return stdoutCarriesData ? "stderr" : "stdout";
}

function infoStream(json: ReportSettings["json"], toStderr: boolean): ReportSettings["infoStream"] {
  if (json === "stdout" || json === "stderr") return "nowhere";
  return toStderr ? "stderr" : "stdout";
}

/** rsync announces its list when directories travel, and says whether it begins before the end of the scan. */
function headKind(options: Options): HeadKind {
  const { walk, delete: deletion, transfer, output } = options;
  if (output.info.flist < 1 || options.personality === "manifold") return "none";
  const whole = deletion.mode === "before" || deletion.mode === "after";
  const incremental =
    walk.recurse &&
    walk.incremental &&
    !(walk.qsort || whole || transfer.delayUpdates || walk.pruneEmptyDirs);
  if (incremental) return "incremental";
  return walk.recurse || walk.dirs ? "building" : "none";
}

function checksumDigits(choice: readonly [ByteString, ByteString] | undefined): number {
  const name = choice?.[0] ?? "";
  if (name === "sha1") return 40;
  if (name === "none") return 2;
  return name === "xxh64" || name === "xxhash" || name === "xxh3" ? 16 : 32;
}
