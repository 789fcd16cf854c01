// Whether enough targets have come for a cast to begin.

import { ManifoldError } from "../../base/index.ts";
import type { CastOptions } from "../../options/index.ts";
import type { TargetLink } from "./target-link.ts";

/** Returns what to tell when fewer are there than --min-targets wants (`absent`: that were expected, and have not come), undefined when it is enough. */
export function tooFew(
  links: readonly TargetLink[],
  absent: number,
  { number, isPercent }: CastOptions["minTargets"],
): ManifoldError | undefined {
  const all = links.length + absent;
  const wanted = isPercent ? Math.ceil((number * all) / 100) : number;
  const there = links.filter(({ isThere }) => isThere).length;
  if (there >= wanted) return undefined;
  const failed = links.find(({ failure }) => failure !== undefined)?.failure;
  const why = failed === undefined ? "" : ` (${failed.message})`;
  const message = `Only ${there} of ${all} targets are there, and --min-targets wants ${wanted}${why}`;
  return new ManifoldError("start-client", message);
}
