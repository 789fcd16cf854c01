// What serving needs of the process around it, and what one client's conversation is made of.

import { type ByteString, ManifoldError, systemClock, toText } from "../base/index.ts";
import { type ClientService, type Log, type Module, moduleRules } from "../daemon/index.ts";
import {
  type AgentTerms,
  answerRsync,
  becomeUser,
  enterDirectory,
  FsError,
  type RsyncService,
  runAgent,
  type Surroundings,
} from "../sync/index.ts";
import type { FilterRuleSet } from "../tree/index.ts";
import { environment } from "./environment.ts";
import { serverVoice } from "./run-rsync-server.ts";
import { listenToSignals } from "./signals.ts";
import { surroundings } from "./surroundings.ts";

/** What a client's process has of its module once it is the module's user. */
interface Entered {
  /** The path by which the module's directory is reached. */
  readonly root: ByteString;
  readonly rules: FilterRuleSet | undefined;
}

/** Goes into a module's directory as whoever this process is, and becomes the module's user. Throws ManifoldError. */
function enterModule(module: Module): Entered {
  // Files of rules, and the way to the module, are the operator's, and may be out of the user's reach.
  const rules = moduleRules(module);
  let root = module.path;
  try {
    root = enterDirectory(module.path);
  } catch (error) {
    // The run will say so.
    if (!(error instanceof FsError)) throw error;
  }
  becomeUser(module.uid, module.gids);
  return { root, rules };
}

/** Returns what a run for a client of a module knows of the world. */
function aroundOf(
  module: Module,
  { root, rules }: Entered,
  names?: NonNullable<Surroundings["confinement"]>["names"],
): Surroundings {
  return {
    ...surroundings(),
    workingDirectory: "/",
    home: undefined,
    cvsIgnore: undefined,
    // The operator's own files are no business of clients.
    cache: undefined,
    confinement: {
      ...{ root, rules, readOnly: module.readOnly, hidesByName: module.hidesByName },
      munge: module.mungeSymlinks ?? !module.readOnly,
      followsOut: module.followsOut,
      names,
    },
  };
}

/** Returns how an rsync client of a module is served. */
function rsyncService(
  module: Module,
  around: Surroundings,
  right: "deny" | "ro" | "rw" | undefined,
): RsyncService {
  const stop = new AbortController();
  listenToSignals({ cancel: (error) => stop.abort(error) }, "The server was stopped by");
  const isReadOnly = right === "ro" || (module.readOnly && right !== "rw");
  const { confinement } = around;
  return {
    surroundings: {
      ...around,
      confinement: confinement && { ...confinement, readOnly: isReadOnly },
    },
    voice: serverVoice("", toText(module.name)),
    mayRead: !module.writeOnly,
    mayWrite: !isReadOnly,
    refused: module.refuseOptions,
    words: (isSender) => {
      const outgoing = module.rsync["outgoing chmod"] ?? "";
      return [
        ...wordsOf(isSender ? { ...module, incomingChmod: "" } : module),
        ...(isSender && outgoing !== "" ? [`--chmod=${outgoing}`] : []),
      ];
    },
    module: module.name,
    timeoutMs: module.timeoutMs,
    began: () => undefined,
    stopped: stop.signal,
  };
}

/** Returns the service of one client: a run that is confined to the client's module. */
export function moduleService(): ClientService {
  let entered: Entered = { root: "", rules: undefined };
  const enter = (module: Module): void => {
    entered = enterModule(module);
  };
  return {
    clock: systemClock,
    processId: process.pid,
    becomeUser: enter,
    converse: async (channel, module, _client, log) => {
      const around = aroundOf(module, entered);
      const stop = new AbortController();
      listenToSignals({ cancel: (error) => stop.abort(error) }, "The server was stopped by");
      const ground = { terms: termsOf(module, log), stopped: stop.signal };
      const exit = await runAgent(channel, around, ground);
      log("done", { module: toText(module.name), exit });
      return exit;
    },
    answerRsync: (lines, first, ground) =>
      answerRsync(lines, first, ground, {
        clock: systemClock,
        processId: process.pid,
        inherited: inheritedVariables(),
        isRoot: process.geteuid?.() === 0,
        becomeUser: enter,
        service: (module, { right, failure, names }) => ({
          ...rsyncService(module, aroundOf(module, entered, names), right),
          failure,
        }),
      }),
  };
}

/** What is RSYNC_ something else is this client's. */
function inheritedVariables(): Readonly<Record<string, ByteString>> {
  const { RSYNC_REQUEST: request } = environment();
  return request === undefined ? {} : { RSYNC_REQUEST: request };
}

function termsOf(module: Module, log: Log): AgentTerms {
  return {
    timeoutMs: module.timeoutMs,
    mayRead: !module.writeOnly,
    mayWrite: !module.readOnly,
    refusedOptions: module.refuseOptions,
    words: wordsOf(module),
    began: (role) =>
      log("run", { module: toText(module.name), way: role === "source" ? "read" : "write" }),
  };
}

/** The module's parameters that options have words for. */
function wordsOf(module: Module): ByteString[] {
  return [
    ...(module.numericIds === true ? ["--numeric-ids"] : []),
    ...(module.fakeSuper ? ["--fake-super"] : []),
    ...(module.ignoreErrors ? ["--ignore-errors"] : []),
    ...(module.incomingChmod === "" ? [] : [`--chmod=${module.incomingChmod}`]),
    ...(module.tempDir === "" ? [] : [`--temp-dir=${module.tempDir}`]),
  ];
}

/** Runs what serves; a bug is told in the log, too, with its stack. */
export async function loggingBugs(log: Log, serve: () => Promise<number>): Promise<number> {
  try {
    return await serve();
  } catch (error) {
    if (!(error instanceof ManifoldError)) {
      log("bug", { says: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    throw error;
  }
}
