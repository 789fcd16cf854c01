// A cast that is only tried: how much would be sent to targets that have the same.

import { type Recording, recordStream } from "./record-stream.ts";
import type { TargetLink } from "./target-link.ts";

/** Finds out how long the stream would be, sends nothing, and sends the targets home. Returns its bytes. */
export async function rehearse(
  group: readonly TargetLink[],
  recording: Recording,
): Promise<number> {
  let bytes = 0;
  const steps = recordStream(recording, (piece) => {
    bytes += piece.length;
  });
  for (let step = steps.next(); step.done !== true; step = steps.next()) await step.value;
  for (const link of group) {
    link.stream = bytes;
    link.dismiss();
  }
  return bytes;
}
