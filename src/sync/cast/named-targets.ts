// Whom a cast is to reach: named on the command line, in a file, or in the report of a cast that did not reach them.

import type { OperatorLinks } from "../../fs/index.ts";
import {
  type CastOptions,
  type CastTarget,
  parseCastTargets,
  splitTargets,
} from "../../options/index.ts";
import { failedTargets } from "./cast-report.ts";
import { readWhole } from "./record-stream.ts";

/** Returns them all. Throws ManifoldError. */
export function namedTargets(
  { targets, targetsFile, retryFrom, admits }: CastOptions,
  links: OperatorLinks,
): CastTarget[] {
  const listed = targetsFile === undefined ? [] : splitTargets(readWhole(targetsFile, links), true);
  const failed =
    retryFrom === undefined ? [] : failedTargets(readWhole(retryFrom, links), retryFrom);
  const all = [...targets, ...listed, ...failed];
  return all.length === 0 && admits !== undefined ? [] : parseCastTargets(all);
}
