// The far end of somebody's run (`manifold agent`): whoever started it says over the session what it is
// to be, the source's end or the target's.

import { type ByteString, ManifoldError } from "../base/index.ts";
import { type Options, parseFar } from "../options/index.ts";
import {
  type JoinMessage,
  lane,
  type OpenPeer,
  openSession,
  type StartMessage,
} from "../session/index.ts";
import type { Channel } from "../transport/index.ts";
import { catchCast } from "./cast/catch-cast.ts";
import { askedOf } from "./far/asked-of.ts";
import { expandPlaces } from "./far/expand-places.ts";
import { JoinPlace } from "./far/join-place.ts";
import { joinRun } from "./far/join-run.ts";
import { NewsSender } from "./far/news.ts";
import { readFileList, readListInside } from "./far/read-file-list.ts";
import { sessionWords } from "./far/session-words.ts";
import { Switchboard } from "./far/switchboard.ts";
import { lendDatagrams } from "./lend-datagrams.ts";
import { type AgentTerms, checkTerms, noTerms } from "./plan/agent-terms.ts";
import { becomeCopier } from "./plan/become-copier.ts";
import { openDoor } from "./plan/open-door.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import type { AskedTerms, Listener } from "./run-listener.ts";
import { SourceEnd } from "./source-end.ts";
import { TargetEnd } from "./target-end.ts";
import { isUndone } from "./undo-options.ts";

const newsMs = 100;

/** What an agent is started with besides its channel. */
export interface AgentGround {
  /** The places that a shell made of the client's, where the client wants that. */
  readonly commandLine?: readonly ByteString[];
  /** Stops the agent; its reason is the ManifoldError that the other end is told. */
  readonly stopped?: AbortSignal;
  /** What the other end may, and how; by default everything that this process may. */
  readonly terms?: AgentTerms;
}

/** Serves one run over the channel and returns the exit status. Failures are told to the other end. */
export async function runAgent(
  channel: Channel,
  surroundings: Surroundings,
  { commandLine = [], stopped, terms = noTerms }: AgentGround = {},
): Promise<number> {
  const stopping = new Stopping(stopped);
  stopping.by(() => channel.destroy());
  const session = await openSession(channel, {
    ...sessionWords,
    side: "acceptor",
    timeoutMs: terms.timeoutMs,
    clock: surroundings.clock,
  });
  const board = new Switchboard(session);
  try {
    const first = await firstMessage(board, stopping);
    if (first.kind === "join")
      return await join({ peer: session, board }, first, surroundings, stopping);
    const places = first.expansion === "command-line" ? commandLine : first.places;
    return await serve(board, { ...first, places }, { surroundings, terms, stopping });
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    board.tell({ kind: "failed", code: error.code, message: error.message });
    return error.exit;
  } finally {
    // What is to be said still goes out; a second signal waits for nothing.
    stopping.letGo();
    session.end();
  }
}

/** Whoever has something to end hears that it is to end. */
class Stopping {
  readonly #signal: AbortSignal | undefined;
  #end: (error: ManifoldError) => void = () => undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    signal?.addEventListener("abort", () => this.#end(signal.reason));
  }

  /** From here on this is how to end; at once, if that was to be already. */
  by(end: (error: ManifoldError) => void): void {
    this.#end = end;
    if (this.#signal?.aborted === true) end(this.#signal.reason);
  }

  /** There is nothing more to end. */
  letGo(): void {
    this.#end = () => undefined;
  }
}

async function join(
  client: { readonly peer: OpenPeer; readonly board: Switchboard },
  { token }: JoinMessage,
  { clock }: Surroundings,
  stopping: Stopping,
): Promise<number> {
  await joinRun(client, token, clock, (end) => stopping.by(end));
  return 0;
}

function firstMessage(board: Switchboard, stopping: Stopping): Promise<StartMessage | JoinMessage> {
  return new Promise((resolve, reject) => {
    stopping.by(reject);
    board.onBroken(reject);
    board.onControl((message) => {
      // What comes next is for whichever end this becomes.
      board.off(lane.control);
      if (message.kind === "start" || message.kind === "join") resolve(message);
      else reject(new ManifoldError("protocol-data", `The other end began with ${message.kind}`));
    });
  });
}

interface ServeGround {
  readonly surroundings: Surroundings;
  readonly terms: AgentTerms;
  readonly stopping: Stopping;
}

async function serve(
  board: Switchboard,
  start: StartMessage,
  { surroundings: inherited, terms, stopping }: ServeGround,
): Promise<number> {
  const role = start.role === "source" ? "source" : "target";
  terms.began(role);
  checkTerms(terms, role);
  const options = farOptions(start, inherited, terms);
  // What undoes a run brings content of the target back.
  if (isUndone(options)) checkTerms(terms, "source");
  if (options.ids.copyAs !== undefined && inherited.confinement !== undefined) {
    throw new ManifoldError("start-client", "--copy-as is refused: a module has a user of its own");
  }
  const surroundings = becomeCopier(options, inherited);
  if (start.role !== "catch" && options.own.catch.discard) {
    throw new ManifoldError("start-client", "what comes here is discarded: it is for casts");
  }
  if (start.role === "catch") return serveCast(board, options, surroundings, stopping);
  const list = listOf(start, surroundings);
  const around = { ...surroundings, readStandardInput: () => list ?? new Uint8Array(0) };
  if (role === "source") {
    const end = new SourceEnd(board, options, around);
    board.onControl((message) => {
      if (message.kind === "ended") end.ended();
      else if (message.kind === "cancel") end.cancel(new ManifoldError("signal", "Stopped"));
      else {
        throw new ManifoldError(
          "protocol-data",
          `The other end sent a ${message.kind} message out of turn`,
        );
      }
    });
    const place = awaitJoins(board, options, surroundings, end);
    const lineOver = lendDatagrams(board, options, surroundings, end);
    try {
      const served = end.run();
      stopping.by((error) => end.cancel(error));
      await served;
      return 0;
    } finally {
      place?.close();
      lineOver();
    }
  }
  if (list !== undefined && !(start.list instanceof Uint8Array)) board.tell({ kind: "list", list });
  const asked = start.asked && { paths: askedOf(start.asked, options.walk) };
  return serveTarget(board, options, around, { stopping, asked });
}

/** Waits for more connections of the run, where the client wants some. */
function awaitJoins(
  board: Switchboard,
  { limits: { streams } }: Options,
  { clock }: Surroundings,
  end: SourceEnd | TargetEnd,
): JoinPlace | undefined {
  if (streams === 1) return undefined;
  const joined = (more: Switchboard): void => end.join(more);
  const place = new JoinPlace({ count: streams - 1, clock, joined });
  const tell = (isOpen: boolean): void =>
    board.tell({ kind: "joinable", token: isOpen ? place.token : undefined });
  place.open().then(tell, () => tell(false));
  // The client ends them, unless it is gone.
  void board.closed.then(() => place.end());
  return place;
}

/** Returns what the run is to be here. Throws ManifoldError. */
function farOptions(start: StartMessage, surroundings: Surroundings, terms: AgentTerms): Options {
  const { role, personality, options: words, places, expansion, rules } = start;
  const listWords = start.list === undefined ? [] : ["--files-from=-", "--from0"];
  const ruleWords = rules.map((rule) => `--filter=${rule}`);
  const ends = role === "source" ? [...places, "."] : [".", ...places];
  const options = parseFar(
    {
      words,
      ownWords: [...listWords, ...ruleWords, ...terms.words],
      places: ends,
      refused: terms.refusedOptions,
    },
    personality,
    surroundings.clock,
  );
  if (expansion === "none" || expansion === "command-line") return options;
  const fs = openDoor(surroundings);
  // With a list the place is where its names begin, and stands below nothing itself.
  const relative = options.walk.relative && start.list === undefined;
  const { home, confinement } = surroundings;
  const how = confinement === undefined ? expansion : "wildcards";
  const found = expandPlaces(places, { fs, expansion: how, relative, home });
  if (role === "source") return { ...options, sources: found };
  if (found.length > 1)
    throw new ManifoldError(
      "usage",
      `${places[0]} matches ${found.length} names: there can be only one destination`,
    );
  return { ...options, target: found[0] };
}

/** Returns the list of --files-from, wherever the client has it. Throws ManifoldError. */
function listOf({ list }: StartMessage, surroundings: Surroundings): Uint8Array | undefined {
  if (list === undefined || list instanceof Uint8Array) return list;
  const { path, from0 } = list;
  if (surroundings.confinement === undefined) {
    return readFileList({ walk: { filesFrom: path, from0 } }, surroundings);
  }
  return readListInside(path, from0, surroundings);
}

/** A target of a cast. */
function serveCast(
  board: Switchboard,
  options: Options,
  surroundings: Surroundings,
  stopping: Stopping,
): Promise<number> {
  const { clock } = surroundings;
  const stop = new AbortController();
  stopping.by((error) => stop.abort(error));
  return catchCast(options, surroundings, { board, clock, signal: stop.signal });
}

async function serveTarget(
  board: Switchboard,
  options: Options,
  surroundings: Surroundings,
  { stopping, asked }: { readonly stopping: Stopping; readonly asked: AskedTerms | undefined },
): Promise<number> {
  const news = new NewsSender(board.peer, () => end);
  const listener: Listener = {
    started: ({ target, created }) =>
      board.tell({
        kind: "place",
        label: target?.label ?? "",
        created: created && {
          path: created.path,
          madeByMkpath: created.madeByMkpath,
          isTarget: created.isTarget === true,
        },
      }),
    event: (event) => news.event(event),
  };
  const end: TargetEnd = new TargetEnd(board, options, surroundings, listener, {
    tellEnd: (message) => news.flush(message),
    asked,
  });
  const { clock } = surroundings;
  let disarm: () => void = () => undefined;
  const tick = (): void => {
    news.flush();
    disarm = clock.after(newsMs, tick);
  };
  disarm = clock.after(newsMs, tick);
  const place = awaitJoins(board, options, surroundings, end);
  const lineOver = lendDatagrams(board, options, surroundings, end);
  try {
    const ran = end.run();
    stopping.by((error) => end.cancel(error));
    return (await ran).exit;
  } finally {
    disarm();
    place?.close();
    lineOver();
  }
}
