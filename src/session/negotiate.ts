// What two hellos have in common.

import { ManifoldError } from "../base/index.ts";
import type { Capabilities, Hello } from "./hello.ts";

/** What both ends agreed on. */
export interface Negotiated {
  /** The version of the protocol. */
  readonly version: number;
  /** Program and version of the other end, for messages. */
  readonly peerProgram: string;
  /** What both can do, in the initiator's order of preference; a name that one end lacks has no values. */
  readonly capabilities: Capabilities;
  /** The smaller of both ends' timeouts, in milliseconds; 0 = none. A third of it is when a silent end gives a sign. */
  readonly timeoutMs: number;
}

/** Returns what two hellos have in common. Throws ManifoldError when that is no version. */
export function negotiate(label: string, own: Hello, peer: Hello): Negotiated {
  const version = Math.min(own.newest, peer.newest);
  if (version < Math.max(own.oldest, peer.oldest)) {
    const isOlder = peer.newest < own.oldest;
    throw new ManifoldError(
      "protocol-version",
      `${label}: ${peer.program || "the other end"} speaks ${versions(peer)} of the protocol, this end ${versions(own)}: the manifold ${isOlder ? "there" : "here"} is too old`,
      { data: { peerOldest: peer.oldest, peerNewest: peer.newest } },
    );
  }
  if (own.side === peer.side) {
    throw new ManifoldError("protocol-data", `${label}: both ends are the ${own.side}`);
  }
  const isFirst = own.side === "initiator";
  const capabilities = Object.create(null) as Record<string, readonly string[]>;
  const [leading, following] = isFirst ? [own, peer] : [peer, own];
  for (const [name, values] of Object.entries(leading.capabilities)) {
    const others = following.capabilities[name] ?? [];
    capabilities[name] = values.filter((value) => others.includes(value));
  }
  const timeouts = [own.timeoutMs, peer.timeoutMs].filter((timeout) => timeout > 0);
  const timeoutMs = timeouts.length === 0 ? 0 : Math.min(...timeouts);
  return { version, peerProgram: peer.program, capabilities, timeoutMs };
}

function versions({ oldest, newest }: Hello): string {
  return oldest === newest ? `version ${oldest}` : `versions ${oldest} to ${newest}`;
}
