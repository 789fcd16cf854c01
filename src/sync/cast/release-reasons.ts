// Why a target is let go by the others, for people.

import type { ReleaseReason } from "../../datagram/index.ts";

/** The words for it. */
export const releaseReasons: Readonly<Record<ReleaseReason, string>> = {
  deaf: "no datagram reaches it",
  silent: "it said nothing for too long",
  stuck: "datagrams did not bring it on",
  slow: "it is slower than the others",
  untrue: "it told of datagrams that were never sent",
};
