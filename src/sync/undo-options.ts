// How the two trees of a sync are looked at for what undoes it (--undo).

import type { ByteString } from "../base/index.ts";
import type { Options } from "../options/index.ts";

/** Says whether what undoes the sync is wanted, and there will be something to undo. */
export function isUndone({ own, transfer }: Options): boolean {
  return own.undo !== undefined && !transfer.dryRun;
}

/** Options to compare them with: a file that is replaced loses what the sync does not keep, too, and the way back is to have all of it. */
export function keepingAll(options: Options): Options {
  const { preserve, transfer } = options;
  return {
    ...options,
    preserve: {
      ...preserve,
      ...{ mode: true, owner: true, group: true, hardLinks: true, acls: true },
      xattrs: preserve.xattrs === 0 ? 1 : preserve.xattrs,
    },
    transfer: { ...transfer, dryRun: true },
  };
}

/** Options to read the target's old content with. `target`: undefined = it is still to be made, and has no content. */
export function standingAsItIs(options: Options, target: ByteString | undefined): Options {
  const seen = keepingAll(options);
  const links = { ...seen.links, copyLinks: false, copyUnsafe: false, copyDirLinks: false };
  return { ...seen, links, filterRules: [], target };
}
