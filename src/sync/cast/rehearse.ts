// A cast that is only tried: how much would be sent to targets that are served together.

import type { CastGroup } from "./cast-groups.ts";
import { recordStream } from "./record-stream.ts";

/** Finds out how long the stream would be, sends nothing, and sends the targets home. Returns its bytes, and those that each would be told apart. */
export async function rehearse({ links, recording, owns }: CastGroup): Promise<number> {
  let bytes = 0;
  const steps = recordStream(recording, (piece) => {
    bytes += piece.length;
  });
  for (let step = steps.next(); step.done !== true; step = steps.next()) await step.value;
  let all = bytes;
  for (const link of links) {
    const own = owns?.get(link.standing ?? "")?.length ?? 0;
    link.stream = bytes + own;
    all += own;
    link.dismiss();
  }
  return all;
}
