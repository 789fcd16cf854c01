// How the rate of datagrams is chosen, as those who send them are told.

import type { RateRules } from "../../datagram/index.ts";
import type { DatagramRates } from "../../options/index.ts";

/** Returns the rules. */
export function rateRules({ rateMax, rateMin, share, isFixed }: DatagramRates): RateRules {
  const min = isFixed ? rateMax : rateMin;
  return {
    ...(rateMax !== undefined && { max: rateMax }),
    ...(min !== undefined && { min }),
    share,
  };
}
