// The far end of somebody's run, on standard input and output.

import type { ByteString } from "../base/index.ts";
import { runAgent, standardChannel } from "../sync/index.ts";
import { listenToSignals } from "./signals.ts";
import { surroundings } from "./surroundings.ts";

/** Serves one run and returns the exit status. What it has to tell, the other end tells. `places`: those of the command line. */
export function runFarEnd(places: readonly ByteString[]): Promise<number> {
  const stop = new AbortController();
  listenToSignals({ cancel: (error) => stop.abort(error) }, "The other end was stopped by");
  const ground = { commandLine: places, stopped: stop.signal };
  return runAgent(standardChannel("the client"), surroundings(), ground);
}
