// `manifold serve`, and what the process of each of its connections does: a bundle of its own.

import { type ByteString, ManifoldError } from "../base/index.ts";
import {
  type ConfigRules,
  type Daemon,
  type DaemonConfig,
  type LogFields,
  loadIdentity,
  readConfig,
  serveConnection,
  servePipe,
  startDaemon,
} from "../daemon/index.ts";
import type { Parsed, Personality, ServeOptions } from "../options/index.ts";
import {
  defaultPort,
  isStandardInputSocket,
  removeSmallFile,
  replaceSmallFile,
  standardChannel,
} from "../sync/index.ts";
import { environment } from "./environment.ts";
import { tellFailure } from "./failure.ts";
import { runKey } from "./run-key.ts";
import { loggingBugs, moduleService } from "./serve-context.ts";
import { named, openLog, type ServeLog } from "./serve-log.ts";
import { serverPlaces } from "./server-places.ts";

/** What a process of a connection is started with, in place of a command line. */
export const connectionArguments = ["serve", "--connection"] as const;

/** rsync's own place for it. */
const rsyncConfig = "/etc/rsyncd.conf";
const rsyncPort = 873;
/** rsync's clients have no keys, and its configuration has parameters of its own; what is RSYNC_ something is a client's. */
function rsyncRules(): ConfigRules {
  const variables = Object.fromEntries(
    Object.entries(environment()).filter(([name]) => !name.startsWith("RSYNC_")),
  );
  return { withoutKeys: true, forRsync: true, variables };
}

/** What is asked for in this bundle. */
export type Service = Extract<Parsed, { readonly kind: "serve" | "key" }>;

/** Does what was asked for and returns the exit status; tells what goes wrong, which is another bundle's kind of error elsewhere. */
export async function runService(parsed: Service, personality: Personality): Promise<number> {
  try {
    if (parsed.kind === "key") return await runKey(parsed.words, parsed.asked);
    return await (parsed.way === "port" ? runServer(parsed.asked) : runPipe(parsed.asked));
  } catch (error) {
    return tellFailure(personality, error);
  }
}

/** Serves at a port until it is told to end, and returns the exit status. */
async function runServer(asked: ServeOptions): Promise<number> {
  const { path, config, key, invitation } = serverPlaces(asked.config);
  const identity = loadIdentity(key);
  const log = openLog(asked.logFile ?? config.settings.logFile);
  const daemon = await startDaemon({
    config: overridden(config, asked),
    identity,
    port: asked.port ?? config.settings.port ?? defaultPort,
    program: new URL("./manifold.cjs", import.meta.url),
    arguments: connectionArguments,
    invitation,
    ipVersion: asked.ipVersion,
    log: log.write,
  });
  const { pidFile } = config.settings;
  try {
    if (pidFile !== undefined)
      named(pidFile, () => replaceSmallFile(pidFile, `${process.pid}\n`, 0o644));
    const drained = untilDrained(daemon, () => reload(daemon, log, path, asked));
    // Whoever hears of it may send signals from here on.
    log.write("listen", { address: daemon.address, key: identity.fingerprint });
    warn(log, config);
    await drained;
  } finally {
    if (pidFile !== undefined) removeSmallFile(pidFile);
    log.close();
  }
  return 0;
}

/** Serves the one connection that the daemon started this process for. */
export async function runConnection(): Promise<number> {
  // The daemon's directory may be out of the module's user's reach.
  process.chdir("/");
  const exit = await serveConnection(moduleService());
  process.disconnect?.();
  return exit;
}

/** Serves whoever is on standard input and output (rsync --daemon started by a super-server, or by a remote shell). */
async function runPipe(asked: ServeOptions): Promise<number> {
  if (!isStandardInputSocket() && !asked.onPipe) return await runRsyncDaemon(asked);
  const config = readConfig(asked.config ?? rsyncConfig, rsyncRules());
  const path = asked.logFile ?? config.settings.logFile;
  const log = path === undefined ? undefined : openLog(path);
  const write = (event: string, fields: LogFields): void => log?.write(event, fields);
  if (log !== undefined) warn(log, config);
  process.chdir("/");
  const channel = standardChannel("the client");
  try {
    return await loggingBugs(write, () => servePipe(channel, config, moduleService(), write));
  } finally {
    log?.close();
  }
}

/** Serves rsync's clients at a port until it is told to end. */
async function runRsyncDaemon(asked: ServeOptions): Promise<number> {
  const path = asked.config ?? rsyncConfig;
  const config = readConfig(path, rsyncRules());
  const log = openLog(asked.logFile ?? config.settings.logFile);
  const daemon = await startDaemon({
    config: overridden(config, asked),
    identity: undefined,
    port: asked.port ?? config.settings.port ?? rsyncPort,
    program: new URL("./manifold.cjs", import.meta.url),
    arguments: connectionArguments,
    invitation: "",
    ipVersion: asked.ipVersion,
    log: log.write,
  });
  return await untilEnd(daemon, config, log, () => {
    const anew = readConfig(path, rsyncRules());
    daemon.reload(anew);
  });
}

/** Writes the file that says who serves, and waits. */
async function untilEnd(
  daemon: Daemon,
  config: DaemonConfig,
  log: ServeLog,
  reloaded: () => void,
): Promise<number> {
  const { pidFile } = config.settings;
  try {
    if (pidFile !== undefined)
      named(pidFile, () => replaceSmallFile(pidFile, `${process.pid}\n`, 0o644));
    const drained = untilDrained(daemon, () => {
      try {
        reloaded();
      } catch (error) {
        if (!(error instanceof ManifoldError)) throw error;
        log.write("reload-failed", { says: error.message });
      }
    });
    log.write("listen", { address: daemon.address });
    warn(log, config);
    await drained;
  } finally {
    if (pidFile !== undefined) removeSmallFile(pidFile);
    log.close();
  }
  return 0;
}

/** What the command line says counts. */
function overridden(config: DaemonConfig, { address, sockopts }: ServeOptions): DaemonConfig {
  const { settings } = config;
  return {
    ...config,
    settings: {
      ...settings,
      address: address ?? settings.address,
      socketOptions: sockopts ?? settings.socketOptions,
    },
  };
}

function warn(log: ServeLog, { warnings }: DaemonConfig): void {
  for (const says of warnings) log.write("warning", { says });
}

/** Reads the configuration anew; where that fails the old one stays. */
function reload(daemon: Daemon, log: ServeLog, path: ByteString, asked: ServeOptions): void {
  try {
    const config = readConfig(path, { variables: environment() });
    const file = asked.logFile ?? config.settings.logFile;
    named(file ?? "", () => log.open(file));
    daemon.reload(config);
    warn(log, config);
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    log.write("reload-failed", { says: error.message });
  }
}

/** Resolves when a signal has asked for the end and the last connection is over. */
function untilDrained(daemon: Daemon, reloaded: () => void): Promise<void> {
  return new Promise((resolve) => {
    let isEnding = false;
    const end = (): void => {
      if (isEnding) daemon.end();
      else void daemon.drain().then(resolve);
      isEnding = true;
    };
    process.on("SIGHUP", reloaded);
    process.on("SIGTERM", end);
    process.on("SIGINT", end);
  });
}
