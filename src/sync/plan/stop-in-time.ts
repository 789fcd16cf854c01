// --stop-at and --stop-after: the end of a run at a time of day.

import { type Clock, ManifoldError } from "../../base/index.ts";

/** Timers that are set further ahead than 2^31 ms go off at once. */
const timerMsMax = 1_000_000_000;

/**
 * Calls `cancel` when the time has come (milliseconds since 1970; undefined = never); returns a function that forgets
 * about it.
 */
export function stopInTime(
  stopAt: number | undefined,
  clock: Clock,
  cancel: (error: ManifoldError) => void,
): () => void {
  if (stopAt === undefined) return () => undefined;
  let disarm = (): void => undefined;
  const arm = (): void => {
    const left = stopAt - clock.wallTime();
    if (left > 0) disarm = clock.after(Math.min(left, timerMsMax), arm);
    else cancel(new ManifoldError("timeout", "stopping at requested limit"));
  };
  arm();
  return () => disarm();
}
