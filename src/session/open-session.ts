// Opens a session on a channel: the one way to get a peer.

import { type Clock, ManifoldError, systemClock } from "../base/index.ts";
import type { Channel } from "../transport/index.ts";
import { type Capabilities, newestVersion, oldestVersion, type Side } from "./hello.ts";
import { handshakeTimeoutMs, messageBytesMax } from "./limits.ts";
import type { Negotiated } from "./negotiate.ts";
import type { LaneNumber, Peer } from "./peer.ts";
import { Session } from "./session.ts";

/** A message that goes right behind the hello. */
export interface EarlyMessage {
  readonly lane: LaneNumber;
  readonly parts: readonly Uint8Array[];
}

/** How a session is opened. */
export interface SessionOptions {
  readonly side: Side;
  /** Program and version, for the other end's messages: "manifold/0.1.0". */
  readonly program: string;
  /** What this end can do. */
  readonly capabilities: Capabilities;
  /** Silence after which the session fails, in milliseconds; none by default. */
  readonly timeoutMs?: number;
  /** The same during the handshake; a minute by default. */
  readonly handshakeTimeoutMs?: number;
  /** Messages that the other end gets without a round trip. They must not depend on what is negotiated. */
  readonly early?: readonly EarlyMessage[];
  /** Bytes of one message by lane number, where the usual limits do not suit. */
  readonly messageLimits?: readonly number[];
  readonly clock?: Clock;
}

/** A peer, and what was agreed on with it. */
export interface OpenPeer extends Peer {
  readonly negotiated: Negotiated;
  /** Takes no more messages until `resume`: the other end will have to wait. */
  pause(): void;
  /** Takes messages again. */
  resume(): void;
}

/**
 * Greets the other end of the channel and waits for its greeting. Rejects with a ManifoldError: "not-manifold",
 * "protocol-version", "protocol-data", "timeout", "connection-lost", or what the channel was closed with.
 */
export function openSession(channel: Channel, options: SessionOptions): Promise<OpenPeer> {
  return new Promise((resolve, reject) => {
    const session = new Session(channel, {
      hello: {
        oldest: oldestVersion,
        newest: newestVersion,
        side: options.side,
        program: options.program,
        timeoutMs: options.timeoutMs ?? 0,
        capabilities: options.capabilities,
      },
      clock: options.clock ?? systemClock,
      messageLimits: options.messageLimits ?? messageBytesMax,
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? handshakeTimeoutMs,
      greeted: (result) => {
        if (result instanceof ManifoldError) reject(result);
        else resolve(Object.assign(session, { negotiated: result }));
      },
    });
    for (const { lane, parts } of options.early ?? []) session.send(lane, ...parts);
  });
}
