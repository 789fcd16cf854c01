// `manifold catch`: waits at a port for casts, several at once in this one process, or joins those of a master, until it is
// told to end.

import { ManifoldError, systemClock } from "../base/index.ts";
import {
  type ClientService,
  type Log,
  loadIdentity,
  serveAccepted,
  writableModule,
} from "../daemon/index.ts";
import { catchModule, type Options } from "../options/index.ts";
import {
  absolutePath,
  defaultPort,
  listenTcp,
  makeTarget,
  openFileSystem,
  runAgent,
  type Surroundings,
} from "../sync/index.ts";
import { withOneModule } from "./cast-door.ts";
import { catchTerms, insideOf } from "./catch-terms.ts";
import { joinCasts } from "./join-casts.ts";
import { openLog } from "./serve-log.ts";
import { serverPlaces } from "./server-places.ts";
import { surroundings } from "./surroundings.ts";

/** Catches casts and returns the exit status: of the first one with --once, else 0. */
export async function runCatch(options: Options): Promise<number> {
  const around = surroundings(options.links);
  const { own, remote, output } = options;
  const path = absolutePath(around.workingDirectory, options.target ?? ".");
  makeTarget(openFileSystem(), path, options, around);
  if (own.catch.master !== undefined) {
    const log = openLog(output.logFile);
    const exit = await joinCasts(options, own.catch.master, insideOf(around, path), log.write);
    log.close();
    return exit;
  }
  const { config, key, invitation } = serverPlaces(own.catch.config, "allowed_keys");
  const identity = loadIdentity(key);
  const log = openLog(output.logFile ?? config.settings.logFile);
  const catching = new Catching(options, around, log.write);
  const only = withOneModule(config, (keys) => writableModule(catchModule, path, keys));
  const ground = { config: only, identity, invitation, log: log.write };
  const { settings } = config;
  const port = remote.port ?? settings.port ?? defaultPort;
  const address = remote.address ?? settings.address;
  const { ipVersion, sockopts: socketOptions = settings.socketOptions } = remote;
  const server = await listenTcp({ port, address, ipVersion, socketOptions }, (accepted) => {
    void catching.serve(serveAccepted(accepted, ground, catching.service));
  });
  log.write("listen", { address: server.address, key: identity.fingerprint });
  const exit = await catching.ended;
  await server.close();
  log.close();
  return exit;
}

/** The conversations under way, and what ends them. */
class Catching {
  readonly ended: Promise<number>;
  readonly service: ClientService;
  readonly #stop = new AbortController();
  readonly #once: boolean;
  #end: (exit: number) => void = () => undefined;
  #open = 0;
  #isEnding = false;

  constructor(options: Options, around: Surroundings, log: Log) {
    this.#once = options.own.catch.once;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const terms = catchTerms(options);
    this.service = {
      clock: systemClock,
      processId: process.pid,
      becomeUser: () => undefined,
      converse: async (channel, module, client, _log) => {
        log("cast", { peer: client.address, name: client.name });
        const exit = await runAgent(channel, insideOf(around, module.path), {
          terms,
          stopped: this.#stop.signal,
        });
        log("done", { peer: client.address, exit });
        if (this.#once) this.#end(exit);
        return exit;
      },
    };
    for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => this.#signal(name));
  }

  /** Waits for one connection. */
  async serve(served: Promise<number>): Promise<void> {
    this.#open++;
    await served;
    this.#open--;
    if (this.#isEnding && this.#open === 0) this.#end(0);
  }

  /** The first signal takes nobody in any more, the second one ends those inside. */
  #signal(name: string): void {
    if (this.#isEnding) this.#stop.abort(new ManifoldError("signal", `Stopped by ${name}`));
    this.#isEnding = true;
    if (this.#open === 0) this.#end(0);
  }
}
