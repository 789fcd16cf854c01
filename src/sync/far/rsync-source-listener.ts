// Who hears of a source's end that speaks rsync's protocol, and what that needs of a run.

import type { ByteString, ManifoldError } from "../../base/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type { RsyncXattrContext } from "./rsync-xattrs.ts";

/** Who hears of what is not about single directories. */
export interface RsyncSourceListener {
  /** The first list has come, or the other end has nothing to send. */
  began(): void;
  tell(event: ProgressEvent): void;
  failed(error: ManifoldError): void;
  /** A client has sent filter rules. */
  rules?(rules: readonly ByteString[]): void;
}

/** What such a source needs of a run. */
export interface RsyncSourceOptions extends Pick<RsyncXattrContext, "own" | "dryRun"> {
  /** Lanes are threads. */
  readonly streams: boolean;
  /** Content may be asked for before its directory is looked at: nobody at the other end shows items in their order. */
  readonly asksAhead: boolean;
}
