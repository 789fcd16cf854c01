// What the rest of manifold sees of a connection: whole messages, on several lanes that do not hold one
// another up.

import type { ManifoldError } from "../base/index.ts";
import type { Slabs } from "./slabs.ts";

/**
 * The lanes of a session, the most urgent first: when several have something to send, a frame of the first goes. A long
 * message is cut into frames, so that it holds nothing up.
 */
export const lane = {
  /** Begin, end, failure, cancellation. */
  control: 0,
  /** What a run has to tell: items, problems, counters. */
  news: 1,
  /** What the target asks of the source. */
  request: 2,
  /** Directories of the source. */
  listing: 3,
  /** Content of files. */
  content: 4,
} as const;

/** A lane's number. */
export type LaneNumber = (typeof lane)[keyof typeof lane];

/** Who takes messages. */
export interface PeerListener {
  /** A whole message. It lies in shared memory of its own, so that any thread can be handed it without a copy. */
  message(lane: LaneNumber, message: Uint8Array): void;
  /** There is room for more: `backlog` has fallen below the limit. */
  drained(): void;
  /** The connection is over. Called once. `error`: why; undefined = both ends said goodbye. */
  closed(error: ManifoldError | undefined): void;
}

/** The other end of a session whose handshake is over. */
export interface Peer {
  /** How messages name it. */
  readonly label: string;
  /** Begins to receive. Called once; what came before waits. */
  listen(listener: PeerListener): void;
  /** Sends one message, made of these parts, which must not change any more. Never blocks. */
  send(lane: LaneNumber, ...parts: readonly Uint8Array[]): void;
  /** The same; `left` is called when the parts are in use no more, which it never is if the connection ends before. */
  sendThen(lane: LaneNumber, parts: readonly Uint8Array[], left: () => void): void;
  /** Memory for content, and of the messages that bring it: whoever is done with one gives it back. */
  readonly slabs: Slabs;
  /** Bytes that wait to be sent, over all lanes. */
  readonly backlog: number;
  /** True while `backlog` is so large that whoever makes long messages had better wait for `drained`. */
  readonly isFull: boolean;
  /** Bytes on the wire so far, frames included. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Says goodbye when everything has been sent, and closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}
