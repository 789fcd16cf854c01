// One round of a run from many sources: they are opened, the reference is listed, and its tree is brought, in one walk or stage by
// stage. All walks of a round go by the same listing; whether that still holds is found out before anything hangs on it.

import { type ByteString, ManifoldError, systemRandom, toText } from "../base/index.ts";
import { FsError } from "../fs/index.ts";
import type { Options, StageRules } from "../options/index.ts";
import { Puller, type PullSource, type SourceStatus } from "../source/index.ts";
import type { Counters, ProblemEvent } from "../tree/index.ts";
import { parseRunFilters } from "./lane/run-filters.ts";
import type { LateMirror } from "./mirror/coming-mirrors.ts";
import { rememberRates } from "./mirror/known-rates.ts";
import { MirrorDirectories } from "./mirror/mirror-directories.ts";
import { MirrorListings } from "./mirror/mirror-listings.ts";
import { optionsFor } from "./mirror/mirror-options.ts";
import { mirrorPlan, treeName } from "./mirror/mirror-plan.ts";
import { MirrorSource } from "./mirror/mirror-source.ts";
import { mirrorWarning } from "./mirror/mirror-warning.ts";
import { type OpenMirrors, openMirrors } from "./mirror/open-mirrors.ts";
import { PartFiles, partPrefix } from "./mirror/part-files.ts";
import { type ReferenceChange, ReferenceWatch } from "./mirror/reference-watch.ts";
import { StageJournal } from "./mirror/stage-journal.ts";
import { type StageWalk, stagesOf, stageWalk } from "./mirror/stage-walks.ts";
import type { WaitingRules } from "./mirror/waiting-rules.ts";
import { absolutePath } from "./plan/absolute-path.ts";
import { openDoor } from "./plan/open-door.ts";
import { ruleWarning } from "./plan/run-problems.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import type { FarRun, Listener, StagingPlace, SyncResult } from "./run-listener.ts";
import { SyncRun } from "./sync-tree.ts";

/** What a round is part of. */
export interface RoundContext {
  readonly options: Options;
  readonly surroundings: Surroundings;
  readonly listener: Listener;
  readonly signal: AbortSignal;
  readonly scansAhead: () => boolean;
  /** Something has happened that ends the run. */
  readonly stopped: (error: ManifoldError) => void;
}

/** How a round ended, and whether the reference is not any more what it was. */
export interface RoundEnd {
  readonly result: SyncResult;
  readonly hasChanged: ReferenceChange;
}

/** One round. */
export class MirrorRound {
  readonly #context: RoundContext;
  readonly #sources: PullSource[];
  readonly #opened: OpenMirrors;
  readonly #late: Set<LateMirror>;
  /** What walks have to tell. */
  readonly #events: ProblemEvent[];
  readonly #puller: Puller;
  readonly #directories: MirrorDirectories;
  readonly #before: Counters[] = [];
  readonly #watch: ReferenceWatch;
  #run: SyncRun | undefined;
  #parts: PartFiles | undefined;
  #isLast = false;
  #isClosed = false;

  private constructor(context: RoundContext, opened: OpenMirrors) {
    this.#context = context;
    this.#opened = opened;
    this.#sources = [...opened.sources];
    this.#events = [...opened.events];
    this.#late = new Set(opened.late);
    const { source, abilities } = this.#reference;
    const keeps = this.#stages.length > 0;
    this.#directories = new MirrorDirectories(source, abilities, context.signal, keeps);
    this.#puller = this.#openPuller();
    // Where stages hang on it everything that tells is looked at.
    this.#watch = new ReferenceWatch(source, keeps, context.signal);
    for (const one of this.#late) void one.opened.then((came) => this.#join(one, came));
  }

  /** A mirror has answered after all. */
  #join(one: LateMirror, came: Awaited<LateMirror["opened"]>): void {
    if (this.#isClosed) {
      if (came !== undefined && "source" in came) void came.source.close();
      return;
    }
    this.#late.delete(one);
    if (came !== undefined && "source" in came) {
      this.#sources.push(came);
      this.#puller.join(came);
    } else if (came !== undefined) this.#tell(came);
  }

  #tell(event: ProblemEvent): void {
    if (this.#run === undefined) this.#events.push(event);
    else this.#run.tell(event);
  }

  /** Opens the sources, the reference first. Rejects with ManifoldError. */
  static async open(
    places: Parameters<typeof openMirrors>[0],
    context: RoundContext,
  ): Promise<MirrorRound> {
    return new MirrorRound(context, await openMirrors(places, context, context.signal));
  }

  /** What each walk so far has counted. */
  get counted(): Counters[] {
    return this.#run === undefined ? [...this.#before] : [...this.#before, this.#run.counters];
  }

  get scanComplete(): boolean {
    return this.#isLast && (this.#run?.scanComplete ?? false);
  }

  get duplicates(): number {
    return this.#puller.duplicates;
  }

  get status(): readonly SourceStatus[] {
    const late = Array.from(this.#late, ({ url }) => ({
      ...{ url, bytes: 0, files: 0, connections: 0, errors: 0, rate: 0 },
      ...{ trouble: undefined, unused: "it has not answered" },
    }));
    return [...this.#puller.status, ...late];
  }

  /** As SyncRun's. */
  scanAhead(): void {
    this.#run?.scanAhead();
  }

  /** As SyncRun's. */
  cancel(error: ManifoldError): void {
    this.#run?.cancel(error);
  }

  /** Brings everything. Rejects with ManifoldError. */
  async run(): Promise<RoundEnd> {
    const stages = this.#stages;
    const journal = stages.length === 0 ? undefined : await this.#journal();
    const done = Math.min(journal?.done ?? 0, stages.length);
    for (let stage = done; stage <= stages.length; stage++) {
      if (stage > 0) {
        await this.#watch.recheck();
        if (this.#watch.change !== "no") return this.#end(0);
        this.#note(journal, stage);
      }
      const { exit } = await this.#stage(stage);
      if (exit !== 0) return this.#end(exit);
    }
    const { exit } = await this.#walk({ options: this.#context.options, waits: undefined }, true);
    await this.#watch.recheck();
    return this.#end(exit);
  }

  #end(exit: number): RoundEnd {
    const counters = this.counted.at(-1) as Counters;
    return { result: { exit, counters }, hasChanged: this.#watch.change };
  }

  /** Lets everything go. */
  async close(): Promise<void> {
    this.#puller.stop();
    this.#isClosed = true;
    this.#opened.letGo();
    rememberRates(this.#context.surroundings, this.#puller.profiles);
    await Promise.all(this.#sources.map(({ source }) => source.close()));
  }

  get #reference(): PullSource {
    return this.#sources[0] as PullSource;
  }

  get #stages(): readonly StageRules[] {
    return stagesOf(this.#context.options);
  }

  #stage(stage: number): Promise<SyncResult> {
    if (this.#stages.length === 0) return Promise.resolve({ exit: 0, counters: {} as Counters });
    return this.#walk(stageWalk(this.#context.options, stage), false);
  }

  async #walk({ options: wanted, waits }: StageWalk, isLast: boolean): Promise<SyncResult> {
    const { options, surroundings, listener, scansAhead, signal } = this.#context;
    // Between two walks there is nobody else who could be told to stop.
    signal.throwIfAborted();
    const far: FarRun = {
      client: this.#open(waits),
      plan: { ...mirrorPlan(options), events: this.#events.splice(0) },
      asked: undefined,
      keeps: { prefix: partPrefix, begin: (place) => this.#keepParts(place) },
    };
    const run = new SyncRun(
      optionsFor(wanted, this.#reference.abilities),
      surroundings,
      listener,
      far,
    );
    this.#run = run;
    this.#isLast = isLast;
    try {
      if (scansAhead()) run.scanAhead();
      return await run.run();
    } finally {
      this.#parts?.close();
      this.#parts = undefined;
      this.#before.push(run.counters);
      this.#run = undefined;
    }
  }

  async #journal(): Promise<StageJournal | undefined> {
    const { source } = this.#reference;
    const mark = (await this.#watch.state)?.mark;
    if (mark === undefined) return undefined;
    const { options, surroundings } = this.#context;
    const target = absolutePath(surroundings.workingDirectory, options.target ?? ".");
    return new StageJournal(openDoor(surroundings), target, {
      url: source.url,
      mark,
      stages: this.#stages,
    });
  }

  /** What is complete; before the last walk there is nothing to go on with. */
  #note(journal: StageJournal | undefined, done: number): void {
    try {
      if (done <= this.#stages.length - 1) journal?.write(done);
      else journal?.remove();
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      throw new ManifoldError("target-io", error.message, { cause: error });
    }
  }

  // The source that walks have.

  #openPuller(): Puller {
    const sources = this.#sources;
    const { source: reference } = this.#reference;
    return new Puller({
      sources,
      clock: this.#context.surroundings.clock,
      random: systemRandom,
      lied: (number, path, { from, to }) => {
        const url = sources[number]?.source.url ?? "";
        const what = `bytes ${from} to ${to} of "${path}" are not what ${reference.url} has`;
        this.#run?.tell(mirrorWarning(url, what));
      },
      failed: (number, { trouble }) => {
        const isOther = number === 0 && (trouble === "changed" || trouble === "absent");
        if (isOther) this.#watch.foundOther();
      },
      silent: (seconds) => {
        const words = `No source has sent anything for ${Math.round(seconds)} seconds`;
        this.#context.stopped(new ManifoldError("connection-lost", words));
      },
    });
  }

  #open(waits: WaitingRules | undefined): MirrorSource {
    const { options, surroundings, signal } = this.#context;
    const { source: reference, abilities } = this.#reference;
    const fs = openDoor(surroundings);
    const warn = (message: ByteString): void => this.#run?.tell(ruleWarning(message, "source"));
    return new MirrorSource({
      reference,
      computesDigests: abilities.digests,
      listings: new MirrorListings({
        directories: this.#directories,
        name: treeName(options),
        filterRules: parseRunFilters(fs, options, surroundings, warn),
        hardLinks: options.preserve.hardLinks && abilities.tells.hardLinks,
        waits,
      }),
      puller: this.#puller,
      parts: () => this.#parts as PartFiles,
      signal,
      streams: surroundings.laneUrl !== undefined,
      tell: (event) => this.#run?.tell(event),
      hasChanged: () => this.#watch.change !== "no",
      recheck: () => this.#watch.recheck(),
    });
  }

  #keepParts(place: StagingPlace): void {
    this.#parts = new PartFiles({
      ...place,
      failed: ({ code, reason }) => {
        const kind = code === "ENOSPC" || code === "EDQUOT" ? "disk-full" : "target-io";
        const message = `Cannot keep what comes of large files in "${toText(place.target)}": ${reason}`;
        this.#context.stopped(new ManifoldError(kind, message));
      },
    });
  }
}
