// The options of a run whose source is many.

import type { ByteString } from "../base/index.ts";
import type { StageRules } from "./values/mirror-stages.ts";

/** One source of many. */
export interface MirrorPlace {
  readonly url: ByteString;
  /** What is taken of it: content and listings, or one of them. */
  readonly role: "all" | "data" | "list";
  /** Of SRC: mirrors that it names itself are used as well. */
  readonly adopts: boolean;
  /** Connections at most; undefined = as many as are polite. */
  readonly connectionsMax: number | undefined;
  /** Bytes a second. */
  readonly rateMax: number | undefined;
  /** Sources with a larger number bring what those with a smaller one cannot; undefined = 1. */
  readonly priority: number | undefined;
}

/** Which of many sources says what the tree is. */
export type ReferencePolicy = "first" | "freshest" | "quorum";

/** A tree that comes from many sources, or from one that is no place of ours. */
export interface MirrorOptions {
  /** The source argument, and what was given with it. */
  readonly places: readonly MirrorPlace[];
  /** Files with more of them. */
  readonly files: readonly ByteString[];
  readonly reference: ReferencePolicy;
  /** What waits for what; empty = nothing does. */
  readonly stages: readonly StageRules[];
}
