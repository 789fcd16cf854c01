// From settings to OutputOptions: formats and levels that follow from one another.
import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { OutputOptions } from "../run-options.ts";
import type { Settings } from "../settings.ts";
import { formatHas } from "../values/format.ts";
import { debugLevels, infoLevels } from "../values/output-levels.ts";

/** The format of -i, and of a log without a format of its own. */
const itemFormat = "%i %n%L";
/** The format of plain names. */
const nameFormat = "%n%L";
/** Escapes whose values are known only after the transfer. */
const lateEscapes = "bcC";

/** Returns the sub-record; `listOnly` is known to the caller. Throws a usage error for --outbuf. */
export function resolveOutput(settings: Settings, listOnly: boolean): OutputOptions {
  const { verbose, stats } = settings;
  const asked = settings.outFormat ?? (settings.itemize > 0 ? itemFormat : undefined);
  const early = asked !== undefined && !formatHas(asked, lateEscapes);
  const withNames = early ? "yes" : "with-names";
  const progress = settings.progress ? withNames : "no";
  const info = infoLevels(settings.info, { verbose, stats, progress });
  const outFormat = asked ?? (info.name > 0 ? nameFormat : undefined);
  const { logFile } = settings;
  return {
    verbose,
    quiet: settings.quiet,
    itemize: itemizeLevel(settings),
    outFormat,
    logBeforeTransfer: asked === undefined ? outFormat !== undefined : early,
    logFile,
    logFileFormat: logFile === undefined ? undefined : (settings.logFileFormat ?? itemFormat),
    info,
    debug: debugLevels(settings.debug, verbose),
    stats,
    humanReadable: settings.humanReadable,
    progress: settings.progress,
    eightBit: settings.eightBit,
    listOnly,
    stderr: settings.stderr,
    outbuf: resolveOutbuf(settings.outbuf),
    json: settings.json,
  };
}

/** A format of the user's own decides alone whether items show their changes. */
function itemizeLevel({ outFormat, itemize }: Settings): number {
  if (outFormat === undefined) return itemize;
  return formatHas(outFormat, "i") ? Math.max(itemize, 1) : 0;
}

function resolveOutbuf(value: ByteString | undefined): OutputOptions["outbuf"] {
  if (value === undefined) return undefined;
  const letter = value.charAt(0).toUpperCase();
  if (letter === "N" || letter === "U") return "none";
  if (letter === "L") return "line";
  if (letter === "B" || letter === "F") return "block";
  throw new ManifoldError("usage", "Invalid --outbuf setting -- specify N, L, or B.");
}
