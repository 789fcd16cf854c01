// How far a cast is, for whoever watches: the stream under way, and what each target is at.

import type { ByteString } from "../../base/index.ts";
import type { Broadcast } from "./broadcast.ts";
import type { TargetLink } from "./target-link.ts";

/** What a target is at: it is not there yet, takes datagrams, pulls, waits for the word to apply, or is over. */
export type TargetPhase = "awaited" | "receiving" | "pulling" | "staged" | "done" | "lost";

/** A target as it is watched. */
export interface TargetView {
  readonly name: ByteString;
  readonly phase: TargetPhase;
  /** Why the group goes on without it, or what is wrong. */
  readonly reason: string | undefined;
}

/** A cast as it is watched. */
export interface CastView {
  readonly elapsedMs: number;
  /** Bytes of the stream under way: recorded so far, whether that is all, and sent at least once. */
  readonly recorded: number;
  readonly isWhole: boolean;
  readonly sent: number;
  /** Bytes of datagrams, and bytes a second that are aimed at. */
  readonly multicast: number;
  readonly rate: number;
  /** The share of the blocks that was sent again. */
  readonly repeated: number;
  /** Nothing new is left to be sent: what goes out are repairs. */
  readonly isRepairing: boolean;
  readonly targets: readonly TargetView[];
}

/** Returns how far it is. `cast`: the stream under way; undefined = there is none at the moment. */
export function viewOf(
  links: readonly TargetLink[],
  cast: Broadcast | undefined,
  elapsedMs: number,
): CastView {
  const { file, sender } = cast ?? {};
  const { blockBytes = 0, blocks = 0, length = 0, isWhole = false } = file ?? {};
  const { frontier = 0, repaired = 0, receivers = 0, rate = 0, bytes = 0 } = sender ?? {};
  return {
    ...{ elapsedMs, recorded: length, isWhole, multicast: bytes },
    sent: Math.min(length, frontier * blockBytes),
    rate: receivers === 0 ? 0 : rate,
    repeated: frontier === 0 ? 0 : repaired / frontier,
    isRepairing: isWhole && receivers > 0 && frontier >= blocks,
    targets: links.map((link) => ({
      ...{ name: link.name, phase: phaseOf(link) },
      reason: link.failure?.message ?? link.reason,
    })),
  };
}

function phaseOf(link: TargetLink): TargetPhase {
  if (link.failure !== undefined) return "lost";
  if (link.exit !== undefined) return "done";
  if (link.isStaged) return "staged";
  if (!link.isServed) return "awaited";
  return link.isMember && link.reason === undefined ? "receiving" : "pulling";
}
