// How soon the engine optimizes code: a setting of the whole process, which also decides whether the
// compiled form of Node's own modules is taken. tools/build/load.mjs sets it; here is what has to be
// known about it when a thread is started (docs/decisions/0013-compiled-builds.md).

import process from "node:process";
import { setFlagsFromString } from "node:v8";

/**
 * Gives V8 11 (Node.js 20) its own interrupt budget back until the next thread has loaded its bundle, which raises it
 * again. With other flags than those of its build Node compiles its modules anew for each thread, some 25 ms. Where
 * another number is V8's own, nothing happens but that.
 */
export function startThreadsAsBuilt(): void {
  if (process.versions.v8.startsWith("11.")) setFlagsFromString("--interrupt-budget=67584");
}
