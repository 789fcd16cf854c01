// The one table: every flag of rsync 3.5 and of manifold, in the order of the help.
import type { Flag } from "../flag.ts";
import { attributeFlags } from "./attributes.ts";
import { basisFlags } from "./basis.ts";
import { deletionFlags } from "./deletion.ts";
import { filterFlags } from "./filters.ts";
import { informationFlags } from "./information.ts";
import { limitFlags } from "./limits.ts";
import { linkFlags } from "./links.ts";
import { manifoldFlags } from "./manifold.ts";
import { outputFlags } from "./output.ts";
import { remoteFlags } from "./remote.ts";
import { selectionFlags } from "./selection.ts";
import { transferFlags } from "./transfer.ts";

export { daemonFlags } from "./daemon.ts";

/** The table. */
export const flags: readonly Flag[] = [
  ...selectionFlags,
  ...filterFlags,
  ...attributeFlags,
  ...linkFlags,
  ...deletionFlags,
  ...transferFlags,
  ...basisFlags,
  ...outputFlags,
  ...limitFlags,
  ...remoteFlags,
  ...manifoldFlags,
  ...informationFlags,
];
