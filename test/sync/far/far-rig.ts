// A run between two ends in this very thread, over memory: one end is under test, what the other one sends
// can be damaged on its way.

import { ManifoldError, systemClock } from "../../../src/base/index.ts";
import type { FarPlaces, Options } from "../../../src/options/index.ts";
import {
  decodeNews,
  encodeControl,
  lane,
  openSession,
  type StartMessage,
} from "../../../src/session/index.ts";
import { sessionWords } from "../../../src/sync/far/session-words.ts";
import { Switchboard } from "../../../src/sync/far/switchboard.ts";
import { runAgent, type Surroundings } from "../../../src/sync/index.ts";
import { SourceEnd } from "../../../src/sync/source-end.ts";
import { TargetEnd } from "../../../src/sync/target-end.ts";
import { type Channel, memoryChannels } from "../../../src/transport/index.ts";
import type { ProgressEvent } from "../../../src/tree/index.ts";
import { optionsOf } from "../../options/resolve.ts";
import { inlineSurroundings } from "../run-inline.ts";

/** How an end ended: its exit status, or the error that stopped it. */
export type Outcome = { readonly exit: number; readonly error: ManifoldError | undefined };

/** How both ended. */
export interface BothEnds {
  readonly client: Outcome;
  readonly agent: Outcome;
  readonly events: readonly ProgressEvent[];
  /** Neither end had anything to say, and the connection was cut. */
  readonly stalled: boolean;
}

/** Turns of the event loop without a byte that count as the end of a conversation. */
const idleTurns = 400;

/** The world of an end; the umask must be 0. */
export function surroundings(more: Partial<Surroundings> = {}): Surroundings {
  return inlineSurroundings(undefined, more);
}

/** Options of a run with places like "host:/src/", and what is on the other machine. */
export function farOptions(argv: readonly string[]): { options: Options; far: FarPlaces } {
  const options = optionsOf(argv, { personality: "manifold" });
  const { far } = options.remote;
  if (far === undefined) throw new Error("no place is on another machine");
  return { options, far };
}

/** The message with which a client starts an agent. `asked`: what a source on a third machine was told. */
export function startMessage(
  { options, far }: ReturnType<typeof farOptions>,
  asked?: StartMessage["asked"],
): Uint8Array {
  return encodeControl({
    kind: "start",
    role: far.role,
    personality: options.personality,
    options: options.remote.words,
    places: far.paths,
    expansion: "none",
    rules: options.filterRules.map(({ value }) => value),
    list: undefined,
    asked,
  });
}

/** Waits for an end. Whatever is no ManifoldError is a bug, and thrown. */
export async function outcomeOf(run: Promise<number>): Promise<Outcome> {
  try {
    return { exit: await run, error: undefined };
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    return { exit: error.exit, error };
  }
}

/**
 * Runs both ends; each one's channel may be wrapped by something that damages what it sends. `agentAround`: the world of the
 * agent, where that is another.
 */
export async function runFar(
  argv: readonly string[],
  wrap: { client?: (channel: Channel) => Channel; agent?: (channel: Channel) => Channel } = {},
  around: Surroundings = surroundings(),
  agentAround = around,
): Promise<BothEnds> {
  const [near, far] = memoryChannels("far");
  const events: ProgressEvent[] = [];
  const watch = watchChannels([near, far]);
  const agent = outcomeOf(runAgent((wrap.agent ?? same)(far), agentAround));
  const client = outcomeOf(
    runClient((wrap.client ?? same)(near), argv, (e) => events.push(e), around),
  );
  const done = Promise.all([client, agent]);
  const stalled = await Promise.race([done.then(() => false), watch.idle]);
  if (stalled) for (const channel of [near, far]) channel.destroy();
  const [clientEnd, agentEnd] = await within(done, 10_000);
  watch.stop();
  return { client: clientEnd, agent: agentEnd, events, stalled };
}

function same(channel: Channel): Channel {
  return channel;
}

/** The client, as the command line runs it. */
async function runClient(
  channel: Channel,
  argv: readonly string[],
  tell: (event: ProgressEvent) => void,
  around: Surroundings,
): Promise<number> {
  const asked = farOptions(argv);
  const session = await openSession(channel, {
    ...sessionWords,
    side: "initiator",
    clock: systemClock,
    early: [{ lane: lane.control, parts: [startMessage(asked)] }],
  });
  const board = new Switchboard(session);
  try {
    if (asked.far.role === "source") {
      const listener = { started: () => undefined, event: tell };
      return (await new TargetEnd(board, asked.options, around, listener).run()).exit;
    }
    return await push(board, asked.options, tell, around);
  } finally {
    session.end();
  }
}

async function push(
  board: Switchboard,
  options: Options,
  tell: (event: ProgressEvent) => void,
  around: Surroundings,
): Promise<number> {
  const source = new SourceEnd(board, options, around);
  let exit = 0;
  board.on(lane.news, (bytes) => {
    const { events, end } = decodeNews(bytes);
    for (const event of events) tell(event);
    if (end?.kind === "ended") {
      exit = end.exit;
      source.ended();
    } else if (end !== undefined) source.cancel(new ManifoldError(end.code, end.message));
  });
  board.onControl(() => undefined);
  await source.run();
  return exit;
}

/** Rejects when the promise takes longer: a hang is a failure, not a test that waits. */
export function within<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`still going on after ${limitMs} ms`)),
      limitMs,
    );
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Notices when nothing goes over the channels any more. */
function watchChannels(channels: readonly Channel[]): { idle: Promise<boolean>; stop(): void } {
  let turns = 0;
  let isOver = false;
  for (const channel of channels) {
    const send = channel.send.bind(channel);
    channel.send = (...given) => {
      turns = 0;
      send(...given);
    };
  }
  const idle = new Promise<boolean>((resolve) => {
    const turn = (): void => {
      if (isOver) return;
      if (++turns > idleTurns) resolve(true);
      else setImmediate(turn);
    };
    turn();
  });
  return { idle, stop: () => (isOver = true) };
}
