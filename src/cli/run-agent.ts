// The far end of somebody's run, on standard input and output.

import { runAgent, standardChannel } from "../sync/index.ts";
import { surroundings } from "./surroundings.ts";

/** Serves one run and returns the exit status. What it has to tell, the other end tells. */
export function runFarEnd(): Promise<number> {
  return runAgent(standardChannel("the client"), surroundings());
}
