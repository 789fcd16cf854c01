// A channel: one connection to one peer, bytes both ways, in order. What it is made of (the pipes of a
// child process, standard input and output, a TLS connection, memory) is its folder's business.

import type { ManifoldError } from "../base/index.ts";

/** Who takes what comes over a channel. Everything is called from the event loop, never from inside a call of the channel. */
export interface ChannelListener {
  /** Bytes have come. They are good until this returns. */
  data(bytes: Uint8Array): void;
  /** What was sent has left this process as far as the channel's `backlog` is concerned: there is room for more. */
  drained(): void;
  /**
   * Nothing more comes, and nothing more can be sent. Called once. `error`: why, in words for the user; undefined = the
   * peer ended in order, or this end closed the channel.
   */
  closed(error: ManifoldError | undefined): void;
}

/** One connection. It is open from the start; bytes that come before `listen` wait. */
export interface Channel {
  /** How messages name the peer: "host", "host:873". */
  readonly label: string;
  /** Begins to receive. Called once. */
  listen(listener: ChannelListener): void;
  /**
   * Sends the bytes, which must not change until they have left this process: then `left` is called, unless the channel
   * ends before. Never blocks; what cannot go now waits here and counts in `backlog`.
   */
  send(bytes: Uint8Array, left?: () => void): void;
  /** Holds what was sent in this turn of the event loop together, where that saves system calls. */
  flush(): void;
  /** Bytes that were sent and have not left. Whoever sends much waits for `drained` while this is large. */
  readonly backlog: number;
  /** Stops reading until `resume`: the peer will have to wait. */
  pause(): void;
  resume(): void;
  /** Sends what waits, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** Waits for peers. */
export interface ChannelServer {
  /** Where it listens: "host:port", or the path of a socket. */
  readonly address: string;
  /** Takes no more peers; those that are connected stay. */
  close(): Promise<void>;
}
