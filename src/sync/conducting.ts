// The one of several processes that conducts: a run whose source is what was published, and whose content all of them bring.

import { type ByteString, fromText, ManifoldError, systemRandom, toText } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import type { PullSource, SourceFile, SourcePart } from "../source/index.ts";
import { type Counters, sumCounters } from "../tree/index.ts";
import type { Claim } from "./cooperate/claims.ts";
import type { Cooperation } from "./cooperate/cooperation.ts";
import type { JobFolder } from "./cooperate/job-folder.ts";
import {
  type PublishedReference,
  publishReference,
  type ReferenceSource,
  readReference,
} from "./cooperate/reference.ts";
import { type Settling, settleReference } from "./cooperate/settle-reference.ts";
import { SharedParts } from "./cooperate/shared-parts.ts";
import { SharedPuller } from "./cooperate/shared-puller.ts";
import { parseRunFilters } from "./lane/run-filters.ts";
import { MirrorDirectories } from "./mirror/mirror-directories.ts";
import { MirrorListings, sourceFilters } from "./mirror/mirror-listings.ts";
import { optionsFor } from "./mirror/mirror-options.ts";
import { mirrorPlan, treeName } from "./mirror/mirror-plan.ts";
import { MirrorSource } from "./mirror/mirror-source.ts";
import { mirrorWarning } from "./mirror/mirror-warning.ts";
import { totalCounters } from "./mirror/round-totals.ts";
import { type StageWalk, stagesOf, stageWalk } from "./mirror/stage-walks.ts";
import type { WaitingRules } from "./mirror/waiting-rules.ts";
import { openDoor } from "./plan/open-door.ts";
import { ruleWarning } from "./plan/run-problems.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import type { FarRun, Listener } from "./run-listener.ts";
import { SyncRun } from "./sync-tree.ts";

/** What it needs. */
export interface ConductingSettings {
  readonly cooperation: Cooperation;
  readonly folder: JobFolder;
  readonly pull: PullSource;
  /** Says that this process conducts, as long as it is ours. */
  readonly claim: Claim;
  readonly options: Options;
  readonly surroundings: Surroundings;
  readonly listener: Listener;
  readonly signal: AbortSignal;
}

/** What is asked of it from outside is as with SyncRun. */
export class Conducting {
  readonly #settings: ConductingSettings;
  readonly #stopping = new AbortController();
  #run: SyncRun | undefined;
  /** What earlier walks did. */
  readonly #before: Counters[] = [];
  #isLast = false;
  #puller: SharedPuller | undefined;
  #scansAhead = false;
  #failure: ManifoldError | undefined;
  /** Somebody else conducts now. */
  isLost = false;

  constructor(settings: ConductingSettings) {
    this.#settings = settings;
  }

  /** Counters as of now. */
  get counters(): Counters {
    const now = this.#run?.counters;
    const all = now === undefined ? this.#before : [...this.#before, now];
    return all.length === 0 ? sumCounters([]) : totalCounters(all);
  }

  /** Totals are final. */
  get scanComplete(): boolean {
    return this.#isLast && (this.#run?.scanComplete ?? false);
  }

  /** Lets the scan run ahead of the applying. */
  scanAhead(): void {
    this.#scansAhead = true;
    this.#run?.scanAhead();
  }

  /** Stops at the next entry; run() then throws the error. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#run?.cancel(error);
    this.#stopping.abort(error);
  }

  /** Runs to the end; undefined = somebody else conducts. Throws ManifoldError for what stops a run. */
  async run(): Promise<number | undefined> {
    const { cooperation } = this.#settings;
    const stopLooking = cooperation.onLook(() => this.#look());
    try {
      const reference = await settleReference({
        ...this.#settings,
        signal: this.#stopping.signal,
        publish: (to) => this.#publish(to),
      });
      if (this.#failure !== undefined) throw this.#failure;
      if (reference === undefined) return undefined;
      const exit = await this.#walkAll(reference);
      return this.isLost ? undefined : exit;
    } catch (error) {
      if (this.isLost) return undefined;
      throw this.#failure ?? error;
    } finally {
      stopLooking();
      this.#puller?.stop();
      this.#stopping.abort(new ManifoldError("signal", "The run is over"));
    }
  }

  /** All walks go by what is published. Whoever goes on for one that is gone finds done what was done. */
  async #walkAll(word: PublishedReference): Promise<number> {
    const { options, folder } = this.#settings;
    const reference = readReference(folder, word);
    const puller = this.#openPuller(word, reference);
    this.#puller = puller;
    const stages = stagesOf(options);
    for (let stage = 0; stages.length > 0 && stage <= stages.length; stage++) {
      const exit = await this.#walk(stageWalk(options, stage), reference, puller);
      if (exit !== 0 || this.isLost) return exit;
    }
    this.#isLast = true;
    return this.#walk({ options, waits: undefined }, reference, puller);
  }

  async #walk(
    { options, waits }: StageWalk,
    reference: ReferenceSource,
    puller: SharedPuller,
  ): Promise<number> {
    if (this.#failure !== undefined) throw this.#failure;
    const { surroundings, listener } = this.#settings;
    const far = this.#far(reference, puller, waits);
    const run = new SyncRun(optionsFor(options, reference.abilities), surroundings, listener, far);
    this.#run = run;
    try {
      if (this.#scansAhead) run.scanAhead();
      return (await run.run()).exit;
    } finally {
      this.#before.push(run.counters);
      this.#run = undefined;
    }
  }

  /** After each look at the board: takes what has come, and stops if somebody else conducts. */
  #look(): void {
    if (this.isLost) return;
    const { cooperation, claim } = this.#settings;
    if (cooperation.trouble !== undefined || !cooperation.conducts(claim)) {
      this.isLost = true;
      this.cancel(new ManifoldError("signal", "Another process has taken over"));
      return;
    }
    this.#puller?.look();
  }

  /** Lists the tree, for all. */
  #publish(to: Parameters<Settling["publish"]>[0]): Promise<void> {
    const { folder, cooperation, pull, options, listener } = this.#settings;
    const { source, abilities } = pull;
    const { tells, timeStep, generation } = abilities;
    const state = cooperation.board.self.state ?? undefined;
    return publishReference(folder, {
      ...to,
      directories: new MirrorDirectories(source, abilities, to.signal),
      filters: sourceFilters(this.#filterRules()),
      name: treeName(options),
      word: { url: fromText(source.url), tells, timeStep, generation, state },
      random: systemRandom,
      tell: (problem) => listener.event(problem),
    });
  }

  #filterRules(): ReturnType<typeof parseRunFilters> {
    const { options, surroundings } = this.#settings;
    const fs = openDoor(surroundings);
    const warn = (message: ByteString): void => this.#run?.tell(ruleWarning(message, "source"));
    return parseRunFilters(fs, options, surroundings, warn);
  }

  #far(reference: ReferenceSource, puller: SharedPuller, waits: WaitingRules | undefined): FarRun {
    const { options, surroundings, folder } = this.#settings;
    const { signal } = this.#stopping;
    const { abilities } = reference;
    const parts = new SharedParts(folder, puller);
    const client = new MirrorSource({
      reference,
      computesDigests: false,
      listings: new MirrorListings({
        directories: new MirrorDirectories(reference, abilities, signal),
        name: treeName(options),
        filterRules: this.#filterRules(),
        hardLinks: options.preserve.hardLinks && abilities.tells.hardLinks,
        waits,
      }),
      puller,
      parts: () => parts,
      signal,
      streams: surroundings.laneUrl !== undefined,
      tell: (event) => this.#run?.tell(event),
    });
    return { client, plan: { ...mirrorPlan(options), events: [] }, asked: undefined };
  }

  #openPuller(word: PublishedReference, reference: ReferenceSource): SharedPuller {
    const { cooperation, folder, pull, surroundings, claim } = this.#settings;
    const { source, abilities } = pull;
    const isOwn = abilities.digests && fromText(source.url) === word.url;
    const { digest } = source;
    const { signal } = this.#stopping;
    return new SharedPuller({
      ...{ board: cooperation.board, folder, clock: surroundings.clock, random: systemRandom },
      term: claim.turn,
      reference: word.url,
      digest:
        isOwn && digest !== undefined
          ? (file: SourceFile, part: SourcePart) => digest.call(source, file, part, signal)
          : undefined,
      lied: (url, path, { from, to }) => {
        const what = `bytes ${from} to ${to} of "${path}" are not what ${reference.url} has`;
        this.#run?.tell(mirrorWarning(toText(url), what));
      },
      failed: (error) => cooperation.stop(error),
    });
  }
}
