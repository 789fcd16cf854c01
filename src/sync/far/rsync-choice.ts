// Which protocol a machine is spoken with in.

import { baseName } from "../../base/index.ts";
import type { FarPlaces, Options } from "../../options/index.ts";

/** Says whether only rsync's protocol comes into question. */
export function speaksRsync({ remote }: Options, far: FarPlaces): boolean {
  if (remote.wire === "manifold") return false;
  const isDaemon = far.kind === "rsync-daemon" && far.program === undefined;
  const isNamed = remote.rsyncPath !== undefined && baseName(remote.rsyncPath) === "rsync";
  return isDaemon || remote.wire === "rsync" || (far.kind === "shell" && isNamed);
}
