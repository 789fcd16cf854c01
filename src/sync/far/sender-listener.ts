// Who hears of a run whose source's end sends by rsync's protocol.

import type { ByteString } from "../../base/index.ts";
import type { FrameSender, TextKind } from "../../rsync/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type { SourcePlan } from "../plan/plan-sources.ts";

/** Hears it. */
export interface SenderListener {
  tell(event: ProgressEvent): void;
  /** The arguments have been looked at. */
  planned?(sources: SourcePlan): void;
  /** What the other end says for people. */
  text(kind: TextKind, text: ByteString): void;
  /** Messages can be sent from here on. */
  connected?(frames: FrameSender): void;
}
