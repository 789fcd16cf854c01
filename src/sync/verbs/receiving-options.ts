// What receive makes of the user's options and the changeset's header.

import { ManifoldError } from "../../base/index.ts";
import { type Header, hasCompression, type Preserved } from "../../changeset/index.ts";
import type { Options } from "../../options/index.ts";

/** Throws for what cannot be applied, before anything is touched. */
export function checkHeader(header: Header, options: Options): void {
  const why = (says: string): ManifoldError =>
    new ManifoldError("file-select", `Cannot receive: ${says}`);
  if (header.kind !== "changeset") throw why("the input is a listing");
  if (!header.hasData && !options.transfer.dryRun) {
    throw why("the changeset has no data; manifold send adds it");
  }
  const [unknown] = header.options.keys();
  if (unknown !== undefined) throw why(`the changeset's option "${unknown}" is not known here`);
  if (!hasCompression(header.compression)) throw why("this version of Node has no zstd");
}

/** What the user wants, as far as the changeset has it. */
export function receivingOptions(given: Options, preserves: readonly Preserved[]): Options {
  const has = (name: Preserved): boolean => preserves.includes(name);
  const options = given.own.readBatch === undefined ? given : asRecorded(given, has);
  const { preserve, transfer } = options;
  return {
    ...options,
    preserve: {
      ...preserve,
      mode: preserve.mode && has("mode"),
      times: preserve.times && has("mtime"),
      atimes: preserve.atimes && has("atime"),
      crtimes: preserve.crtimes && has("crtime"),
      owner: preserve.owner && has("owner"),
      group: preserve.group && has("group"),
      acls: preserve.acls && has("acls"),
      xattrs: has("xattrs") ? preserve.xattrs : 0,
      hardLinks: preserve.hardLinks && has("hard-links"),
    },
    partial: { keep: false, isRefused: true, dir: undefined },
    transfer: { ...transfer, inplace: false, append: "no", delayUpdates: false, wholeFile: true },
  };
}

/** A batch is replayed with what was kept when it was written (rsync(1), BATCH MODE). */
function asRecorded(options: Options, has: (name: Preserved) => boolean): Options {
  const preserve = {
    ...options.preserve,
    mode: has("mode"),
    executability: has("executability"),
    times: has("mtime"),
    dirTimes: has("mtime"),
    linkTimes: has("mtime"),
    owner: has("owner"),
    group: has("group"),
    acls: has("acls"),
    xattrs: has("xattrs") ? Math.max(options.preserve.xattrs, 1) : 0,
    hardLinks: has("hard-links"),
  };
  return { ...options, preserve } as Options;
}
