// Records a stream no faster than it is sent, and does what comes before; connections have their turns meanwhile.

import type { Clock } from "../../base/index.ts";
import type { Steps } from "../verbs/steps.ts";
import type { Broadcast } from "./broadcast.ts";

/** Recorded bytes that may wait to be sent. */
const aheadBytesMax = 32 * 1024 * 1024;
/** Recording leaves the connections a turn this often, in milliseconds. */
const turnMs = 5;

/** Takes the steps to their end and returns the exit status. `stopped` rejects when it is to end before. */
export async function driveRecording(
  steps: Steps<number>,
  cast: Broadcast,
  stopped: Promise<never>,
  clock: Clock,
): Promise<number> {
  for (let turn = clock.now(); ; ) {
    const step = steps.next();
    if (step.done === true) {
      cast.file.finish();
      cast.extended();
      return step.value;
    }
    if (!cast.isWanted) {
      steps.return(0);
      return 0;
    }
    if (step.value !== undefined) await step.value;
    if (cast.ahead > aheadBytesMax) await Promise.race([cast.moved(), stopped]);
    else if (clock.now() - turn < turnMs) continue;
    else await Promise.race([new Promise((resolve) => setImmediate(resolve)), stopped]);
    cast.extended();
    turn = clock.now();
  }
}

/** Takes other steps to their end and returns what they give. `stopped` rejects when they are to end before. */
export async function driveFreely<T>(
  steps: Steps<T>,
  stopped: Promise<never>,
  clock: Clock,
): Promise<T> {
  try {
    for (let turn = clock.now(); ; ) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (step.value !== undefined) await step.value;
      if (clock.now() - turn < turnMs) continue;
      await Promise.race([new Promise((resolve) => setImmediate(resolve)), stopped]);
      turn = clock.now();
    }
  } finally {
    steps.return(undefined as T);
  }
}
