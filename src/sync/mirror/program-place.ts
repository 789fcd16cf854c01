// What sources with a program at their end, ours or rsync, have in common.

import type { ByteString } from "../../base/index.ts";
import type { SourceAbilities } from "../../source/index.ts";

/** Returns the place with paths that mean what is in a directory, not the directory. */
export function insideOfPlace<
  Place extends { readonly far: { readonly paths: readonly ByteString[] } },
>(place: Place): Place {
  const { far } = place;
  const paths = far.paths.map((path) => (path === "." || path.endsWith("/") ? path : `${path}/`));
  return { ...place, far: { ...far, paths } };
}

/** They tell all that there is to a tree. */
export const tellsAll: SourceAbilities["tells"] = {
  modes: true,
  owners: true,
  symlinks: true,
  devices: true,
  hardLinks: true,
  directoryTimes: true,
};
