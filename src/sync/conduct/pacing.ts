// What a rate limit (--bwlimit) changes in how work is dealt out: less at once, so that a lane that
// waits for its rate does not keep the scan, and with it the totals, waiting as well.

import type { Options } from "../../options/index.ts";

/** Cost of a full bundle of tasks where nothing is paced; 1 is the work for one entry, or for 64 KiB. */
const fullBundleCost = 1024;
/** Cost of the survey of one directory. */
const surveyCost = 64;
const costBytes = 65536;

/** Says whether content moves at a limited rate. */
export function isPaced({ limits }: Options): boolean {
  return limits.bwlimit > 0;
}

/** Returns the cost at which a bundle is full: with a limited rate, about a second of it. */
export function bundleCost(options: Options): number {
  if (!isPaced(options)) return fullBundleCost;
  const perSecond = Math.ceil(options.limits.bwlimit / costBytes);
  return Math.min(fullBundleCost, Math.max(surveyCost, perSecond));
}
