// One of the processes that work together, as another one sees it.

import type { ByteString } from "../../base/index.ts";
import type { KnownState } from "../mirror/choose-reference.ts";

/** What is known of one of the processes. */
export interface Member {
  readonly name: ByteString;
  url: ByteString;
  /** Bytes a second; what it has claimed and not brought; when it said so, by our clock, in seconds. */
  rate: number;
  left: number;
  pulsedAt: number;
  /** Nothing comes of it: it is over, or has not been heard of for too long. */
  isGone: boolean;
  isOver: boolean;
  /** How much of its file was read, and the beginning of a line that is not whole. */
  position: number;
  rest: ByteString;
  /** When it came, by the file system's clock, in seconds; undefined = it has not said so yet. */
  cameAt: number | undefined;
  /** The state of its source's tree; null = nothing tells that, undefined = it will not conduct, or nobody asks. */
  state: KnownState | null | undefined;
  /** When its file was written to, by the file system's clock. */
  writtenAt: number;
  readonly freed: Set<string>;
}

/** Returns what is known of one of which nothing has been read. */
export function newMember(name: ByteString, now: number): Member {
  return {
    ...{ name, url: "", rate: 0, left: 0, pulsedAt: now, isGone: false, isOver: false },
    ...{ position: 0, rest: "", writtenAt: Number.POSITIVE_INFINITY, freed: new Set<string>() },
    ...{ cameAt: undefined, state: undefined },
  };
}
