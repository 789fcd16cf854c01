// The way that datagrams of a cast take: the group, and how it is reached.

import { toText } from "../../base/index.ts";
import type { CastOptions } from "../../options/index.ts";
import { groupAddress, interfaceAddress } from "../../transport/index.ts";

/** How datagrams go out. */
export interface BroadcastRoute {
  /** Undefined = by the session's number. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly ipVersion: 4 | 6;
  readonly interfaceAddress: string | undefined;
  readonly hops: number;
  readonly loopback: boolean;
  readonly sourceSpecific: boolean;
}

/** Where datagrams go, as targets are told. */
export interface Group {
  readonly address: string | undefined;
  readonly port: number;
  readonly source: string | undefined;
}

/** There are no datagrams. */
export const noGroup: Group = { address: undefined, port: 0, source: undefined };

/** Ports that a session chooses from: the range that nobody assigns (RFC 6335). */
const portFirst = 49_152;
const portCount = 16_384;

/** Where a session's datagrams go. */
export function addressOf(route: BroadcastRoute, session: number): string {
  return route.address ?? groupAddress(session, route.ipVersion, route.sourceSpecific);
}

/** The same of the port. */
export function portOf(route: BroadcastRoute | undefined, session: number): number {
  return route?.port ?? portFirst + (session % portCount);
}

/** Streams of fewer targets go over their connections. */
const multicastTargetsMin = 2;

/** Returns the way to so many targets; undefined = there are to be no datagrams. */
export function routeOf(cast: CastOptions, targets: number): BroadcastRoute | undefined {
  const { group, interfaceAddress: written, hops, ipVersion, loopback, sourceSpecific } = cast;
  if (targets < multicastTargetsMin && group === undefined) return undefined;
  const at = written === undefined ? undefined : interfaceAddress(toText(written), ipVersion);
  const { address, port } = group ?? {};
  return { address, port, ipVersion, interfaceAddress: at, hops, loopback, sourceSpecific };
}
