// What a simulated cast is made of, and what it comes to.

import type { BlockRange, RateRules, Released } from "../../src/datagram/index.ts";
import type { LineTraits } from "./simulated-network.ts";

/** What happens to a receiver; times in milliseconds. */
export interface ReceiverTraits {
  readonly line: LineTraits;
  /** It comes so late. */
  readonly joinsAt: number;
  /** It stands still; what comes meanwhile waits in its socket, as much as there is room for. */
  readonly stall?: { readonly at: number; readonly forMs: number };
  /** It dies, and comes back after so long, with what it had; undefined = never. */
  readonly crash?: { readonly at: number; readonly backAfterMs: number | undefined };
  /** It has these blocks from before, as the sender is told. */
  readonly holds?: readonly BlockRange[];
  /** Its reports are lies. */
  readonly lies?: "missing" | "garbage" | "future";
}

/** A cast. */
export interface SceneTraits {
  readonly seed: number;
  readonly blocks: number;
  readonly blockBytes: number;
  readonly uplink: LineTraits;
  readonly receivers: readonly ReceiverTraits[];
  /** Blocks a millisecond that the source makes; undefined = all are there. */
  readonly sourceRate: number | undefined;
  readonly rules?: RateRules;
  readonly blocksPerDatagram?: number;
  /** Processors are busy with other things: everybody gets none for up to so long, again and again. */
  readonly napMs?: number;
  /** Datagrams are sealed for real, and strangers send others. */
  readonly sealed: boolean;
}

/** How one receiver fared. */
export interface ReceiverOutcome {
  readonly state: "complete" | "lost" | "waiting";
  readonly isRight: boolean;
  readonly atMs: number;
  readonly pulled: number;
  readonly duplicates: number;
  readonly released: Released["reason"] | undefined;
}

/** How a cast went. */
export interface CastOutcome {
  readonly receivers: readonly ReceiverOutcome[];
  readonly ms: number;
  readonly bytes: number;
  /** Blocks that went over control channels. */
  readonly pulled: number;
  readonly repaired: number;
  /** The longest time without a break in which more was sent than the slowest receiver of the group could take. */
  readonly tooFastMs: number;
  readonly forged: number;
}
