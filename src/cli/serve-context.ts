// What serving needs of the process around it, and what one client's conversation is made of.

import { type ByteString, ManifoldError, systemClock, toText } from "../base/index.ts";
import { type ClientService, type Log, type Module, moduleRules } from "../daemon/index.ts";
import {
  type AgentTerms,
  answerRsync,
  becomeUser,
  type RsyncService,
  runAgent,
  type Surroundings,
} from "../sync/index.ts";
import type { FilterRuleSet } from "../tree/index.ts";
import { serverVoice } from "./run-rsync-server.ts";
import { listenToSignals } from "./signals.ts";
import { surroundings } from "./surroundings.ts";

/** Returns what a run for a client of a module knows of the world. */
function aroundOf(module: Module, rules: FilterRuleSet | undefined): Surroundings {
  return {
    ...surroundings(),
    workingDirectory: "/",
    home: undefined,
    cvsIgnore: undefined,
    // The operator's own files are no business of clients.
    cache: undefined,
    confinement: {
      root: module.path,
      readOnly: module.readOnly,
      munge: module.mungeSymlinks ?? !module.readOnly,
      rules,
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
    words: wordsOf(module),
    module: module.name,
    began: () => undefined,
    stopped: stop.signal,
  };
}

/** Returns the service of one client: a run that is confined to the client's module. */
export function moduleService(): ClientService {
  let rules: FilterRuleSet | undefined;
  return {
    clock: systemClock,
    becomeUser: (module) => {
      // Files of rules are the operator's, and may be out of the user's reach.
      rules = moduleRules(module);
      becomeUser(module.uid, module.gids);
    },
    converse: async (channel, module, _client, log) => {
      const around = aroundOf(module, rules);
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
        becomeUser: (module) => {
          rules = moduleRules(module);
          becomeUser(module.uid, module.gids);
        },
        service: (module, right) => rsyncService(module, aroundOf(module, rules), right),
      }),
  };
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
