// rsync's server on standard input and output: what an rsync client starts through a remote shell.

import { type ByteString, systemClock } from "../base/index.ts";
import { type RsyncService, serveRsyncPipe, standardChannel } from "../sync/index.ts";
import { rsyncProblemLines } from "./output/index.ts";
import { listenToSignals } from "./signals.ts";
import { surroundings } from "./surroundings.ts";

/** Serves one run and returns the exit status. `argv`: the words that the client gave. */
export function runRsyncServer(argv: readonly ByteString[]): Promise<number> {
  const stop = new AbortController();
  listenToSignals({ cancel: (error) => stop.abort(error) }, "The other end was stopped by");
  const around = surroundings();
  const service: RsyncService = {
    surroundings: around,
    voice: serverVoice(around.workingDirectory),
    ...{ mayRead: true, mayWrite: true, refused: undefined, module: undefined, timeoutMs: 0 },
    words: () => [],
    began: () => undefined,
    stopped: stop.signal,
  };
  return serveRsyncPipe(standardChannel("the client"), systemClock, argv, service);
}

/** Returns what a server says of events, in rsync's words. */
export function serverVoice(workingDirectory: ByteString, where = ""): RsyncService["voice"] {
  return {
    lines: (event, { output }) => {
      if (event.type === "note") {
        const levels: Readonly<Record<string, number>> = output.info;
        return event.level <= (levels[event.topic] ?? 0) ? [event.text] : [];
      }
      if (event.type !== "problem") return [];
      const places = { workingDirectory, targetLabel: "" };
      const lines = rsyncProblemLines(event, places);
      return where === "" ? lines : lines.map((line) => inModule(line, workingDirectory, where));
    },
  };
}

/** A module's clients are not told where it lies. */
function inModule(line: ByteString, top: ByteString, module: ByteString): ByteString {
  return line.replace(/"([^"]*)"/, (_, path: ByteString) => {
    const inside = path.startsWith(`${top}/`)
      ? path.slice(top.length + 1)
      : path.replace(/^\//, "");
    return `"${inside}" (in ${module})`;
  });
}
