// Whether links on the target are gone through.

import type { Follow } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";

/**
 * Returns how directories of the target are reached: through symlinks where --keep-dirlinks or --no-implied-dirs lets
 * some stand for directories, but never out of the target (promise P4).
 */
export function targetFollow({ links, walk }: Options): Follow {
  return links.keepDirLinks || keepsImplied({ walk }) ? "beneath" : "none";
}

/** Says whether implied parents are taken as the target has them (--no-implied-dirs). */
export function keepsImplied({ walk }: Pick<Options, "walk">): boolean {
  return walk.relative && !walk.impliedDirs;
}
