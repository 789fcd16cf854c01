// How content gets into files, from the user's options.

import type { Options } from "../../options/index.ts";
import type { ContentRules, PartialPlace } from "../../pipeline/index.ts";

/** Where --delay-updates keeps files in rsync; manifold keeps them in its staging directory. */
const delayedDir = ".~tmp~";

/**
 * So much of a file that came over a line is kept when the line breaks, even if nobody asked. Less comes again sooner
 * than what is there of it has been looked through.
 */
const keptBytesMin = 1024 * 1024;

/** What decides besides the user. */
export interface ContentSettings {
  /** Earlier runs left unfinished files in manifold's own place. */
  readonly hasPartials?: boolean;
  /** Whoever runs the lane gives files their names when it has flushed enough of them (--durable=batch). */
  readonly flushesBatches?: boolean;
  /** Content comes from another machine, which has found out what of it the target has: it comes put together. */
  readonly isFar?: boolean;
  /** By rsync's protocol: a checksum proves all of a file, wherever it is from. */
  readonly isProven?: boolean;
}

/** What receive needs to know about content. */
export function contentRules(
  options: Options,
  {
    hasPartials = false,
    flushesBatches = false,
    isFar = false,
    isProven = false,
  }: ContentSettings = {},
): ContentRules {
  const { transfer, partial, own, personality } = options;
  const isRsync = personality === "manifold-rsync";
  // What is compared there already needs no second look here.
  const append = isProven && transfer.append === "verify" ? "no" : transfer.append;
  const rules: Omit<ContentRules, "plain"> = {
    delta: (transfer.wholeFile === false && !isFar) || append !== "no",
    blockLength: transfer.blockSize,
    inPlace: transfer.inplace,
    append,
    keepPartial: partial.keep,
    partials: partialPlace(options, hasPartials),
    keepsFrom: isFar && !isRsync && !partial.isRefused ? keptBytesMin : Number.POSITIVE_INFINITY,
    delayed: transfer.delayUpdates ? "end" : flushesBatches ? "batch" : "no",
    linksNow: options.preserve.hardLinks,
    writeDevices: transfer.writeDevices,
    copyDevices: transfer.copyDevices,
    readBack: own.verify,
    resumes: !isRsync,
    acceptTorn: isRsync,
  };
  const plain =
    !rules.delta &&
    !rules.inPlace &&
    rules.partials === undefined &&
    rules.delayed !== "end" &&
    !rules.readBack;
  return { ...rules, plain };
}

/** Where interrupted files wait. rsync puts them under their own names unless a directory was named. */
function partialPlace(
  { partial, transfer, personality }: Options,
  hasPartials: boolean,
): PartialPlace | undefined {
  const { dir } = partial;
  if (personality === "manifold") {
    // Under its own name an unfinished file would pass for a finished one (promise P1).
    const own = { kind: "apart", path: "" } as const;
    if (dir === undefined)
      return (partial.keep && !transfer.inplace) || hasPartials ? own : undefined;
    if (transfer.delayUpdates && dir === delayedDir) return undefined;
  }
  if (dir === undefined) return undefined;
  return dir.startsWith("/") ? { kind: "apart", path: dir } : { kind: "beside", path: dir };
}
