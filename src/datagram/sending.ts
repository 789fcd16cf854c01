// What a sender is made with, and what it answers: datagrams to send, and receivers to let go.

import type { RateRules } from "./group-rate.ts";
import type { Kind } from "./head.ts";
import type { ReleaseReason } from "./member.ts";

/** A datagram that is to be sent now. */
export interface Sending {
  readonly kind: Kind;
  readonly flags: number;
  readonly counter: number;
  readonly block: number;
  readonly count: number;
  /** Bytes without a meaning that it has in the place of blocks. */
  readonly padding: number;
}

/** A receiver that the group goes on without. */
export interface Released {
  readonly id: number;
  readonly reason: ReleaseReason;
  /** What it took, and what the rate was, in bytes a second. */
  readonly capacity: number;
  readonly rate: number;
}

/** What a sender is made with. */
export interface SenderSettings {
  readonly blockBytes: number;
  /** Blocks that go into one datagram, where neighbours are to be sent. */
  readonly blocksPerDatagram?: number;
  /** Bytes of other headers that every datagram costs on the wire. */
  readonly wireBytes?: number;
  readonly rules?: RateRules;
  /** How many times the usual a receiver may be silent, or stand still: it has nobody beside it that would wait. */
  readonly patience?: number;
}
