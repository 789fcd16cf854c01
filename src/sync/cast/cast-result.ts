// How a cast went, and each of its targets.

import { type ByteString, errorTable } from "../../base/index.ts";
import type { ProbeFigures } from "./probe-round.ts";
import type { TargetLink } from "./target-link.ts";

/**
 * What became of a target: "committed" = it has everything; "failed" = it has applied what it could; "lost" = it could not be
 * reached, or broke off, or was let go before it applied anything; "ready" = it would be cast to (a dry run).
 */
export type TargetState = "committed" | "failed" | "lost" | "ready";

/** How one target fared. */
export interface CastTargetResult {
  readonly name: ByteString;
  /** It comes by itself, and cannot be reached. */
  readonly comes: boolean;
  readonly state: TargetState;
  /** Of what it received; that of the error where it was lost. */
  readonly exit: number;
  /** Why it was lost, or let go by the others. */
  readonly reason: string | undefined;
  /** Bytes of its stream. */
  readonly stream: number;
  /** Datagrams that came to it, and their bytes. */
  readonly datagrams: number;
  readonly multicast: number;
  /** Bytes of the stream, and of what it was told apart, that it got over its own connection. */
  readonly unicast: number;
  /** The share of the datagrams that did not come. */
  readonly missingRate: number;
  /** The digest that its stream ends in and that it has verified, in hexadecimal digits; "" = it did not come so far. */
  readonly digest: string;
  /** Of its stream, when it had all of it, and until its end, from the cast's beginning. */
  readonly stagedMs: number | undefined;
  readonly elapsedMs: number;
}

/** How a cast went. */
export interface CastResult {
  readonly exit: number;
  readonly targets: readonly CastTargetResult[];
  /** Bytes of datagrams, and over all connections. */
  readonly multicast: number;
  readonly sent: number;
  readonly received: number;
  /** Bytes of the streams. */
  readonly stream: number;
  /** What the ways to the targets are like, where that was all that was asked. */
  readonly probed?: readonly ProbeFigures[];
}

/** Returns how a target fared. `blockBytes`: of the blocks that it pulled. */
export function resultOf(link: TargetLink, blockBytes: number, began: number): CastTargetResult {
  const { name, failure, exit, arrival, reason, stream, own } = link;
  const { datagrams = 0, bytes = 0, missed = 0, pulled = 0, digest } = arrival ?? {};
  const common = {
    ...{
      name,
      comes: link.comes,
      stream,
      datagrams,
      multicast: bytes,
      unicast: own + pulled * blockBytes,
    },
    missingRate: missed === 0 ? 0 : missed / (missed + datagrams),
    digest: digest === undefined ? "" : Buffer.from(digest).toString("hex"),
    stagedMs: link.stagedAt === undefined ? undefined : link.stagedAt - began,
    elapsedMs: (link.endedAt ?? began) - began,
  };
  if (failure !== undefined) {
    return { ...common, state: "lost", exit: failure.exit, reason: failure.message };
  }
  if (link.isDismissed) return { ...common, state: "ready", exit: 0, reason };
  const state = exit === 0 ? "committed" : "failed";
  return { ...common, state, exit: exit ?? 23, reason };
}

/** Returns the results of targets that were expected to come by themselves, and have not. */
export function absentResults(count: number): CastTargetResult[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{
      name: `(absent ${i + 1})`,
      comes: true,
      state: "lost",
      exit: errorTable["connect-timeout"].exit,
    },
    ...{ reason: "it was expected, and has not come", stream: 0, datagrams: 0, multicast: 0 },
    ...{ unicast: 0, missingRate: 0, digest: "", stagedMs: undefined, elapsedMs: 0 },
  }));
}
