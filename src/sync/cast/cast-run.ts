// `manifold cast`: one tree, or one changeset, to many targets. Targets that have the same get the same
// stream, which is what a sync would do to them, recorded while it is sent.

import { type ByteString, type ManifoldError, toText } from "../../base/index.ts";
import { FsError, readNamedFile } from "../../fs/index.ts";
import {
  type CastOptions,
  type CastTarget,
  type Options,
  parseCastTargets,
  splitTargets,
} from "../../options/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { reachFar } from "../far/reach.ts";
import { sessionWords } from "../far/session-words.ts";
import { startMessage } from "../far/start-message.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { systemError } from "../plan/end-errors.ts";
import { exitStatus } from "../plan/exit-status.ts";
import { openDoor } from "../plan/open-door.ts";
import { planSources, type SourcePlan } from "../plan/plan-sources.ts";
import { ruleWarning } from "../plan/run-problems.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { captureFar } from "../verbs/capture-transfer.ts";
import { digestBytes } from "../verbs/listed-digests.ts";
import type { StageContext } from "../verbs/stage-output.ts";
import type { Steps } from "../verbs/steps.ts";
import { Broadcast, type BroadcastRoute } from "./broadcast.ts";
import { TargetLink } from "./target-link.ts";

/** Recorded bytes that may wait to be sent. */
const aheadBytesMax = 32 * 1024 * 1024;
/** Recording leaves the connections a turn this often, in milliseconds. */
const turnMs = 5;
/** Streams of fewer targets go over their connections. */
const multicastTargetsMin = 2;

/** How one target fared. */
export interface CastTargetResult {
  readonly name: ByteString;
  readonly state: "committed" | "failed" | "lost";
  /** Of what it received; that of the error where it was lost. */
  readonly exit: number;
  /** Why it was lost, or let go by the others. */
  readonly reason: string | undefined;
  readonly datagrams: number;
  /** Blocks that it got over its own connection. */
  readonly pulled: number;
}

/** How a cast went. */
export interface CastResult {
  readonly exit: number;
  readonly targets: readonly CastTargetResult[];
  /** Bytes of datagrams, and over all connections. */
  readonly multicast: number;
  readonly sent: number;
  readonly received: number;
  /** Bytes of the streams. */
  readonly stream: number;
}

/** A cast. */
export class CastRun {
  readonly #options: Options;
  readonly #cast: CastOptions;
  readonly #surroundings: Surroundings;
  readonly #tell: (event: ProgressEvent) => void;
  readonly #links: TargetLink[] = [];
  readonly #exits = new Set<number>();
  #current: Broadcast | undefined;
  #failure: ManifoldError | undefined;
  #stop: (error: ManifoldError) => void = () => undefined;
  #multicast = 0;
  #stream = 0;

  constructor(
    options: Options & { readonly own: { readonly cast: CastOptions } },
    surroundings: Surroundings,
    tell: (event: ProgressEvent) => void,
  ) {
    this.#options = options;
    this.#cast = options.own.cast;
    this.#surroundings = surroundings;
    this.#tell = tell;
  }

  /** Stops it; run() then throws the error. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#stop(error);
    for (const link of this.#links) link.fail(error);
  }

  /** Runs it to its end. Throws ManifoldError for what concerns all targets. */
  async run(): Promise<CastResult> {
    const targets = this.#targets();
    const sources = this.#plan();
    try {
      await this.#open(targets);
      for (const group of this.#groups()) await this.#send(group, sources);
    } finally {
      for (const { kept } of this.#links) kept.close();
    }
    if (this.#failure !== undefined) throw this.#failure;
    const results = this.#links.map((link) => resultOf(link));
    for (const { exit } of results) this.#exits.add(exit);
    this.#exits.delete(0);
    const sum = (of: (link: TargetLink) => number): number =>
      this.#links.reduce((all, link) => all + of(link), 0);
    return {
      exit: exitStatus(this.#exits),
      targets: results,
      multicast: this.#multicast,
      sent: this.#multicast + sum(({ bytesSent }) => bytesSent),
      received: sum(({ bytesReceived }) => bytesReceived),
      stream: this.#stream,
    };
  }

  #targets(): CastTarget[] {
    const { targets, targetsFile } = this.#cast;
    if (targetsFile === undefined) return parseCastTargets(targets);
    const text = readWhole(targetsFile);
    return parseCastTargets([...targets, ...splitTargets(text, true)]);
  }

  /** Looks at the sources; a changeset has none. */
  #plan(): SourcePlan | undefined {
    if (this.#cast.changeset !== undefined) return undefined;
    const options = this.#options;
    const fs = openDoor(this.#surroundings);
    const filterRules = parseRunFilters(fs, options, this.#surroundings, (message) =>
      this.#tell(ruleWarning(message, "source")),
    );
    const planned = planSources({ ...this.#surroundings, fs, options, filterRules });
    for (const event of planned.events) this.#event(event);
    return planned;
  }

  #event(event: ProgressEvent): void {
    if (event.type === "problem" && event.exit !== 0) this.#exits.add(event.exit);
    this.#tell(event);
  }

  async #open(targets: readonly CastTarget[]): Promise<void> {
    const listener = {
      joined: (link: TargetLink) => this.#current?.joined(link),
      report: (link: TargetLink, report: Uint8Array) => this.#current?.report(link, report),
      pull: (link: TargetLink, block: number, count: number) =>
        this.#current?.pull(link, block, count),
      staged: (link: TargetLink) => {
        this.#current?.leave(link);
        link.order({ kind: "commit" });
      },
      over: (link: TargetLink) => this.#current?.leave(link),
      event: (link: TargetLink, event: ProgressEvent) => this.#heard(link, event),
    };
    await Promise.all(
      targets.map((target, id) => {
        const link = new TargetLink(id, target, listener);
        this.#links.push(link);
        const { far } = target;
        const options = this.#options;
        const around = this.#surroundings;
        const start = startMessage(options, far, around, (event) => this.#tell(event));
        const reach = () => reachFar(options, far, around);
        return link.open(reach, { ...start, role: "catch" }, around, options.limits.timeout);
      }),
    );
  }

  /** Problems of a target are told under its name. */
  #heard({ name }: TargetLink, event: ProgressEvent): void {
    if (event.type !== "problem") return;
    this.#tell({ ...event, path: event.path === "" ? "" : `${name}: ${event.path}` });
  }

  /** Targets that have the same, the most first. */
  #groups(): TargetLink[][] {
    const groups = new Map<string, TargetLink[]>();
    for (const link of this.#links) {
      if (link.isOver || link.standing === undefined) continue;
      const key = this.#cast.changeset === undefined ? link.standing : "";
      groups.set(key, [...(groups.get(key) ?? []), link]);
    }
    return [...groups.values()].sort((one, other) => other.length - one.length);
  }

  async #send(group: readonly TargetLink[], sources: SourcePlan | undefined): Promise<void> {
    const { clock } = this.#surroundings;
    const cast = new Broadcast(clock, this.#cast.rateMax);
    this.#current = cast;
    try {
      await cast.begin(group, this.#route(group.length));
      const steps = this.#record(cast, group[0] as TargetLink, sources);
      await this.#drive(cast, steps);
      while (group.some(({ isOver }) => !isOver) && this.#failure === undefined) await cast.moved();
    } finally {
      this.#multicast += cast.sender.bytes;
      this.#stream += cast.file.length;
      this.#current = undefined;
      cast.close();
    }
  }

  #route(targets: number): BroadcastRoute | undefined {
    const { group, interfaceAddress, hops, rateMax } = this.#cast;
    if (targets < multicastTargetsMin && group === undefined) return undefined;
    const ipVersion = group?.address.includes(":") === true ? 6 : 4;
    const at = interfaceAddress === undefined ? undefined : toText(interfaceAddress);
    const { address, port } = group ?? {};
    return { address, port, ipVersion, interfaceAddress: at, hops, rateMax };
  }

  /** Writes the stream: what a sync would do to such a target, or the changeset that there is. */
  *#record(cast: Broadcast, link: TargetLink, sources: SourcePlan | undefined): Steps<number> {
    const { changeset } = this.#cast;
    if (changeset !== undefined) {
      for (const piece of piecesOf(changeset)) {
        cast.file.append(piece);
        yield;
      }
      return 0;
    }
    if (sources === undefined) return 0;
    const options = this.#options;
    const surroundings = this.#surroundings;
    const context: StageContext = {
      ...{ options, surroundings, program: sessionWords.program },
      sink: (piece) => cast.file.append(piece),
      standardInput: () => [],
      tell: (event) => this.#event(event),
    };
    const fs = openDoor(surroundings);
    const rules = parseRunFilters(fs, options, surroundings, () => undefined);
    const { plan, incomplete } = sources;
    const pieces = link.kept.isEmpty ? undefined : link.kept.pieces();
    const ends = { plan, incomplete, target: undefined };
    return yield* captureFar(context, rules, ends, pieces, unknownDigests);
  }

  /** Records no faster than it is sent. */
  async #drive(cast: Broadcast, steps: Steps<number>): Promise<void> {
    const { clock } = this.#surroundings;
    const stopped = new Promise<never>((_, reject) => (this.#stop = reject));
    stopped.catch(() => undefined);
    for (let turn = clock.now(); ; ) {
      if (this.#failure !== undefined) throw this.#failure;
      const step = steps.next();
      if (step.done === true) {
        if (step.value !== 0) this.#exits.add(step.value);
        cast.file.finish();
        cast.extended();
        return;
      }
      if (step.value !== undefined) await step.value;
      if (cast.ahead > aheadBytesMax) await Promise.race([cast.moved(), stopped]);
      else if (clock.now() - turn < turnMs) continue;
      else await new Promise((resolve) => setImmediate(resolve));
      cast.extended();
      turn = clock.now();
    }
  }
}

/** Nobody is asked for digests of what many have: files that moved are cast again. */
function unknownDigests(paths: readonly ByteString[]): Promise<Uint8Array> {
  return Promise.resolve(new Uint8Array(paths.length * digestBytes));
}

function resultOf(link: TargetLink): CastTargetResult {
  const { name, failure, exit, datagrams, pulled, reason } = link;
  const common = { name, datagrams, pulled };
  if (failure !== undefined) {
    return { ...common, state: "lost", exit: failure.exit, reason: failure.message };
  }
  const state = exit === 0 ? "committed" : "failed";
  return { ...common, state, exit: exit ?? 23, reason };
}

function* piecesOf(path: ByteString): Generator<Uint8Array> {
  try {
    yield* readNamedFile(path);
  } catch (error) {
    throw error instanceof FsError ? systemError(error, "") : error;
  }
}

function readWhole(path: ByteString): ByteString {
  let text = "";
  for (const piece of piecesOf(path)) text += Buffer.from(piece).toString("latin1");
  return text;
}
