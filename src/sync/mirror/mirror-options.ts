// What a run from many sources can do, and what of its options is left where the reference cannot tell everything: what
// nobody knows comes from what the target has, or from defaults, and is no difference.

import { ManifoldError } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import type { SourceAbilities } from "../../source/index.ts";

/** Options that need an end of ours where the source is. */
const needs: readonly {
  readonly what: string;
  readonly isAsked: (options: Options) => boolean;
}[] = [
  { what: "--files-from", isAsked: ({ walk }) => walk.filesFrom !== undefined },
  { what: "--relative", isAsked: ({ walk }) => walk.relative },
  { what: "--no-recursive", isAsked: ({ walk }) => !walk.recurse },
  { what: "--prune-empty-dirs", isAsked: ({ walk }) => walk.pruneEmptyDirs },
  { what: "--one-file-system", isAsked: ({ walk }) => walk.oneFileSystem !== 0 },
  { what: "--copy-links", isAsked: ({ links }) => links.copyLinks },
  { what: "--copy-unsafe-links", isAsked: ({ links }) => links.copyUnsafe },
  { what: "--copy-dirlinks", isAsked: ({ links }) => links.copyDirLinks },
  { what: "--safe-links", isAsked: ({ links }) => links.safe },
  { what: "--checksum", isAsked: ({ select }) => select.checksum },
  { what: "--remove-source-files", isAsked: ({ transfer }) => transfer.removeSourceFiles },
  { what: "--acls", isAsked: ({ preserve }) => preserve.acls },
  { what: "--xattrs", isAsked: ({ preserve }) => preserve.xattrs > 0 },
  { what: "--atimes", isAsked: ({ preserve }) => preserve.atimes },
  { what: "--crtimes", isAsked: ({ preserve }) => preserve.crtimes },
  { what: "--append", isAsked: ({ transfer }) => transfer.append !== "no" },
  { what: "--list-only", isAsked: ({ output }) => output.listOnly },
  { what: "recording", isAsked: ({ own }) => own.capture !== undefined },
  { what: "--undo", isAsked: ({ own }) => own.undo !== undefined },
];

/** Throws a not-yet error for what such a run cannot do. */
export function checkMirrorOptions(options: Options): void {
  const asked = needs.find(({ isAsked }) => isAsked(options));
  if (asked === undefined) return;
  const words = `${asked.what} is not available yet where the source is a mirror, or many`;
  throw new ManifoldError("not-yet", words);
}

/** Returns the options of a run whose reference can tell so much. */
export function optionsFor(options: Options, { tells, timeStep }: SourceAbilities): Options {
  const { preserve, select, walk } = options;
  const hasTimes = timeStep !== undefined;
  const window = Math.ceil(timeStep ?? 0);
  return {
    ...options,
    walk,
    preserve: {
      ...preserve,
      mode: preserve.mode && tells.modes,
      executability: preserve.executability && tells.modes,
      owner: preserve.owner && tells.owners,
      group: preserve.group && tells.owners,
      devices: preserve.devices && tells.devices,
      specials: preserve.specials && tells.devices,
      hardLinks: preserve.hardLinks && tells.hardLinks,
      times: preserve.times && hasTimes,
      dirTimes: preserve.dirTimes && hasTimes && tells.directoryTimes,
    },
    select: {
      ...select,
      sizeOnly: select.sizeOnly || (!hasTimes && !select.ignoreTimes),
      // Times that are to the second are compared so: 0 means whole seconds.
      modifyWindow: window > 1 ? Math.max(window, select.modifyWindow) : select.modifyWindow,
    },
  };
}
