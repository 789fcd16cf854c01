// What a run does when the process is told to end.

import { ManifoldError } from "../base/index.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The first signal asks the run to stop. The second has its usual effect, for runs that wait for a file system that
 * does not answer; what they staged goes with the next run. `words`: what is told stands before the signal's name.
 */
export function listenToSignals(
  run: { cancel(error: ManifoldError): void },
  words = "Stopped by",
): void {
  const listener = (name: NodeJS.Signals): void => {
    for (const signal of signals) process.off(signal, listener);
    run.cancel(new ManifoldError("signal", `${words} ${name}`));
  };
  for (const signal of signals) process.on(signal, listener);
}
