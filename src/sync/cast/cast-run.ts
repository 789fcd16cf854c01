// `manifold cast`: one tree, or one changeset, to many targets. Targets that are served together get the same
// stream, which is what a sync would do to them, recorded while it is sent.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { blockBytesUsual, type Sending } from "../../datagram/index.ts";
import type { CastOptions, CastTarget, Options } from "../../options/index.ts";
import type { LineChannel } from "../../transport/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { exitStatus } from "../plan/exit-status.ts";
import type { SourcePlan } from "../plan/plan-sources.ts";
import { rateRules } from "../plan/rate-rules.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import type { KeptPieces } from "../verbs/kept-pieces.ts";
import { Broadcast } from "./broadcast.ts";
import { routeOf } from "./broadcast-route.ts";
import { type CastGroup, CastGroups } from "./cast-groups.ts";
import { absentResults, type CastResult, resultOf } from "./cast-result.ts";
import { castSources } from "./cast-sources.ts";
import { type CastView, viewOf } from "./cast-view.ts";
import { CommitPolicy, failSlow } from "./commit-policy.ts";
import { datagramNote } from "./datagram-note.ts";
import { driveFreely, driveRecording } from "./drive-recording.ts";
import { Muster } from "./muster.ts";
import { namedTargets } from "./named-targets.ts";
import { type ProbeFigures, ProbeRound } from "./probe-round.ts";
import { QuestionQueue } from "./question-queue.ts";
import { type Recording, recordStream } from "./record-stream.ts";
import { rehearse } from "./rehearse.ts";
import type { LinkListener, TargetLink } from "./target-link.ts";
import { TargetLinks } from "./target-links.ts";
import { tellOwn, tellOwns } from "./tell-own.ts";
import { tooFew } from "./too-few.ts";

/** A cast. */
export class CastRun {
  readonly #options: Options;
  readonly #cast: CastOptions;
  readonly #surroundings: Surroundings;
  readonly #tell: (event: ProgressEvent) => void;
  readonly #exits = new Set<number>();
  readonly #links: TargetLinks;
  readonly #policy: CommitPolicy;
  readonly #questions = new QuestionQueue();
  readonly #began: number;
  readonly #mustered: Promise<Muster>;
  #muster: Muster | undefined;
  #gathers: (muster: Muster) => void = () => undefined;
  #groups: CastGroups | undefined;
  #current: { readonly cast: Broadcast; readonly group: CastGroup } | undefined;
  #round: ProbeRound | undefined;
  #probed: readonly ProbeFigures[] | undefined;
  #failure: ManifoldError | undefined;
  #stop: (error: ManifoldError) => void = () => undefined;
  #moved: () => void = () => undefined;
  #multicast = 0;
  #stream = 0;

  constructor(
    options: Options & { readonly own: { readonly cast: CastOptions } },
    surroundings: Surroundings,
    tell: (event: ProgressEvent) => void,
  ) {
    this.#options = options;
    this.#cast = options.own.cast;
    const { keys } = surroundings;
    this.#surroundings = { ...surroundings, keys: keys && this.#questions.wrap(keys) };
    this.#tell = tell;
    this.#began = surroundings.clock.now();
    this.#policy = new CommitPolicy(this.#cast.quorum);
    this.#links = new TargetLinks({
      ...{ options, surroundings: this.#surroundings, tell, listener: this.#listener() },
    });
    this.#mustered = new Promise((resolve) => (this.#gathers = resolve));
  }

  /** Takes in a target that has come by itself, and resolves when it is done; one that has had everything waits for the end of the cast. `id`: the same when it comes back. */
  async admit(lines: LineChannel, name: ByteString, id: string): Promise<void> {
    const muster = await this.#mustered;
    const link = muster.admit(id, (number) => this.#links.meet(lines, name, number));
    await (link?.ended ?? new Promise(() => undefined));
  }

  /** How far it is; undefined = the user is being asked something, and is not to be disturbed. */
  get view(): CastView | undefined {
    if (this.#questions.isOpen) return undefined;
    const elapsedMs = this.#surroundings.clock.now() - this.#began;
    return viewOf(this.#muster?.links ?? [], this.#current?.cast, elapsedMs);
  }

  /** Stops it; run() then throws the error. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#stop(error);
    this.#muster?.close();
    this.#links.fail(error);
    this.#moved();
  }

  /** Runs it to its end. Throws ManifoldError for what concerns all targets. */
  async run(): Promise<CastResult> {
    const targets = namedTargets(this.#cast, this.#options.links);
    const sources = castSources(this.#options, this.#surroundings, (event) => this.#event(event));
    const muster = this.#gather(targets);
    this.#muster = muster;
    this.#gathers(muster);
    try {
      await muster.gathered();
      const missing = tooFew(muster.links, muster.absent, this.#cast.minTargets);
      if (missing !== undefined) {
        this.#failure ??= missing;
        throw missing;
      }
      if (this.#cast.probe) await this.#probe(muster);
      else await this.#serve(muster, sources);
    } finally {
      muster.close();
      this.#links.fail(this.#failure ?? new ManifoldError("signal", "The cast was stopped"));
      this.#links.close();
    }
    if (this.#failure !== undefined) throw this.#failure;
    return this.#result(muster);
  }

  async #probe(muster: Muster): Promise<void> {
    const links = muster.links.filter(({ isThere }) => isThere);
    this.#round = new ProbeRound(links, this.#surroundings.clock);
    const route = routeOf(this.#cast, Number.POSITIVE_INFINITY);
    if (route !== undefined) this.#probed = await this.#round.run(route);
  }

  #result(muster: Muster): CastResult {
    const targets = muster.links.map((link) => resultOf(link, blockBytesUsual, this.#began));
    targets.push(...absentResults(muster.absent));
    for (const { exit } of targets) this.#exits.add(exit);
    this.#exits.delete(0);
    return {
      exit: exitStatus(this.#exits),
      targets,
      multicast: this.#multicast,
      sent: this.#multicast + this.#links.bytesSent,
      received: this.#links.bytesReceived,
      stream: this.#stream,
      ...(this.#probed && { probed: this.#probed }),
    };
  }

  #event(event: ProgressEvent): void {
    if (event.type === "problem" && event.exit !== 0) this.#exits.add(event.exit);
    this.#tell(event);
  }

  #gather(targets: readonly CastTarget[]): Muster {
    const { clock } = this.#surroundings;
    const { joinWindowMs: windowMs, admits: visitors = 0 } = this.#cast;
    return new Muster(targets, {
      ...{ clock, windowMs, visitors },
      reach: (target, id) => this.#links.reach(target, id),
      isHeldUp: () => this.#questions.isOpen,
      arrived: (link) => void this.#arrived(link),
      moved: () => this.#moved(),
    });
  }

  #listener(): LinkListener {
    const castOf = ({ id }: TargetLink): Broadcast | undefined =>
      this.#current?.group.links.some((link) => link.id === id) === true
        ? this.#current.cast
        : undefined;
    return {
      joined: (link, answer) => {
        this.#round?.joined(link, answer);
        castOf(link)?.joined(link);
      },
      report: (link, report) => (this.#round ?? castOf(link))?.report(link, report),
      tried: (link, trial) => this.#round?.tried(link, trial),
      pull: (link, block, count) => castOf(link)?.pull(link, block, count),
      poisoned: (link) => castOf(link)?.poisoned(link),
      staged: (link) => {
        castOf(link)?.leave(link);
        this.#decide();
        this.#moved();
      },
      over: (link) => {
        castOf(link)?.leave(link);
        this.#decide();
        this.#moved();
      },
      event: (link, event) => this.#heard(link, event),
    };
  }

  /** Problems of a target are told under its name. */
  #heard({ name }: TargetLink, event: ProgressEvent): void {
    if (event.type !== "problem") return;
    this.#tell({ ...event, path: event.path === "" ? "" : `${name}: ${event.path}` });
  }

  /** Somebody is there, perhaps late: what is under way may be for him, too. */
  async #arrived(link: TargetLink): Promise<void> {
    const current = this.#current;
    if (current !== undefined && this.#groups?.suits(current.group, link) === true) {
      const { cast, group } = current;
      // Nobody else serves it while it is asked.
      link.isServed = true;
      const isSame = group.signing === undefined || (await group.signing.verify(link));
      link.isServed = isSame && current === this.#current;
      if (link.isServed) {
        group.links.push(link);
        tellOwn(group, link);
        cast.admit(link);
      }
    }
    this.#moved();
  }

  /** Serves whoever is there, group by group, and waits for the end of all. */
  async #serve(muster: Muster, sources: SourcePlan | undefined): Promise<void> {
    const { clock } = this.#surroundings;
    const isSame = this.#cast.changeset !== undefined;
    const groups = new CastGroups((kept) => this.#recording(kept, sources), isSame, clock);
    this.#groups = groups;
    while (!muster.isOver && this.#failure === undefined) {
      const moved = new Promise<void>((resolve) => (this.#moved = resolve));
      const group = await driveFreely(groups.next(muster.links), this.#stopped(), clock);
      if (group !== undefined) await this.#send(group);
      else {
        this.#decide();
        await moved;
      }
    }
  }

  #decide(): void {
    const muster = this.#muster;
    if (muster === undefined) return;
    this.#policy.decide(muster.links, muster.absent, () => muster.isSettled);
  }

  /** Rejects when the cast is stopped. */
  #stopped(): Promise<never> {
    const stopped = new Promise<never>((_, reject) => (this.#stop = reject));
    stopped.catch(() => undefined);
    if (this.#failure !== undefined) this.#stop(this.#failure);
    return stopped;
  }

  async #send(group: CastGroup): Promise<void> {
    const { links, recording } = group;
    for (const link of links) link.isServed = true;
    if (this.#options.transfer.dryRun) {
      this.#stream += await rehearse(group);
      group.close();
      return;
    }
    const { slow } = this.#cast;
    const { clock } = this.#surroundings;
    const cast = new Broadcast({
      clock,
      rules: { ...rateRules(this.#cast), letsGo: slow !== "wait" },
      slow: slow === "fail" ? failSlow : undefined,
      ...(this.#options.output.debug.io > 0 && {
        sent: (what: Sending) => this.#tell(datagramNote(what)),
      }),
      // What is met was told the first time.
      record: (sink) => recordStream({ ...recording, tell: () => undefined }, sink),
    });
    this.#current = { cast, group };
    try {
      await tellOwns(group, clock);
      await cast.begin(links, routeOf(this.#cast, links.length));
      await this.#record(recording, cast);
      while (links.some((link) => !link.isOver && !link.isStaged) && this.#failure === undefined) {
        await cast.moved();
      }
    } finally {
      for (const link of links) link.stream = cast.file.length;
      this.#multicast += cast.sender.bytes;
      this.#stream += cast.file.length;
      this.#current = undefined;
      cast.close();
      group.close();
    }
  }

  async #record(recording: Recording, cast: Broadcast): Promise<void> {
    const steps = recordStream(recording, (piece) => cast.file.append(piece));
    const exit = await driveRecording(steps, cast, this.#stopped(), this.#surroundings.clock);
    if (exit !== 0) this.#exits.add(exit);
  }

  #recording(kept: KeptPieces | undefined, sources: SourcePlan | undefined): Recording {
    const tell = (event: ProgressEvent): void => this.#event(event);
    return { options: this.#options, surroundings: this.#surroundings, sources, kept, tell };
  }
}
