// The way that datagrams of a cast take: the group, and how it is reached.

import { toText } from "../../base/index.ts";
import type { CastOptions } from "../../options/index.ts";

/** How datagrams go out. */
export interface BroadcastRoute {
  /** Undefined = by the session's number. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly ipVersion: 4 | 6;
  readonly interfaceAddress: string | undefined;
  readonly hops: number;
}

/** Streams of fewer targets go over their connections. */
const multicastTargetsMin = 2;

/** Returns the way to so many targets; undefined = there are to be no datagrams. */
export function routeOf(cast: CastOptions, targets: number): BroadcastRoute | undefined {
  const { group, interfaceAddress, hops } = cast;
  if (targets < multicastTargetsMin && group === undefined) return undefined;
  const ipVersion = group?.address.includes(":") === true ? 6 : 4;
  const at = interfaceAddress === undefined ? undefined : toText(interfaceAddress);
  const { address, port } = group ?? {};
  return { address, port, ipVersion, interfaceAddress: at, hops };
}
