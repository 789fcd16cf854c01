// Whether a run between two machines may look for parts of files in any file of the target (--content-index).

import type { Options } from "../../options/index.ts";

/** Says whether it may: the user has not said no, and more than whole files is wanted. */
export function mayLookForContent({ own, transfer }: Options): boolean {
  return own.renames.contentIndex !== false && !transfer.dryRun && transfer.wholeFile !== true;
}

/** Says whether it does, whatever it costs: all that differs waits for it then. */
export function mustLookForContent(options: Options): boolean {
  return options.own.renames.contentIndex === true && mayLookForContent(options);
}
