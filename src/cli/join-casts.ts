// `manifold catch --master`: joins the casts of one machine, one after the other, as soon as there is one.

import { ManifoldError, systemRandom, toText } from "../base/index.ts";
import type { Log } from "../daemon/index.ts";
import type { CatchOptions, Options } from "../options/index.ts";
import { mayVisitAgain, runAgent, type Surroundings, visitMaster } from "../sync/index.ts";
import { catchTerms } from "./catch-terms.ts";

/** Between two tries. */
const retryMs = 500;

/** Joins them and returns the exit status: of the first one with --once, else 0 when it is told to end. Rejects with ManifoldError. */
export async function joinCasts(
  options: Options,
  master: NonNullable<CatchOptions["master"]>,
  inside: Surroundings,
  log: Log,
): Promise<number> {
  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) {
      process.on(name, () => {
        stop.abort(new ManifoldError("signal", `Stopped by ${name}`));
        resolve();
      });
    }
  });
  const id = Array.from({ length: 4 }, () => systemRandom.uint32().toString(16).padStart(8, "0"));
  const terms = catchTerms(options);
  let told = "";
  while (!stop.signal.aborted) {
    try {
      const visiting = visitMaster(options, master, inside, id.join(""));
      const channel = await Promise.race([visiting, stopped]);
      if (channel === undefined) {
        void visiting.then(
          (late) => late.destroy(),
          () => undefined,
        );
        break;
      }
      told = "";
      log("cast", { peer: channel.label });
      const exit = await runAgent(channel, inside, { terms, stopped: stop.signal });
      log("done", { peer: channel.label, exit });
      if (options.own.catch.once) return exit;
    } catch (error) {
      if (!(error instanceof ManifoldError) || !mayVisitAgain(error)) throw error;
      // Twice a second the same is news once.
      if (error.message !== told)
        log("waits", { master: toText(master.host), says: error.message });
      told = error.message;
    }
    await Promise.race([new Promise((resolve) => setTimeout(resolve, retryMs)), stopped]);
  }
  return 0;
}
