// One run: both ends on this machine. Opens the ends, starts the lanes, lets the conductor walk,
// deletes last, cleans up, and adds up.

import { type ByteString, ManifoldError } from "../base/index.ts";
import { type FileSystem, FsError } from "../fs/index.ts";
import type { Options } from "../options/index.ts";
import { type Lane, Scheduler, type SchedulerLimits } from "../schedule/index.ts";
import type { Counters, FilterRuleSet, ProgressEvent } from "../tree/index.ts";
import { closeRoot } from "./apply/close-directories.ts";
import { Conductor } from "./conduct/conductor.ts";
import { laneLimits } from "./conduct/lane-limits.ts";
import { deletionTime } from "./conduct/late-deletions.ts";
import { scansAheadAtOnce } from "./conduct/scan-ahead.ts";
import { takesAhead } from "./conduct/takes-ahead.ts";
import { openEndpoints } from "./endpoints.ts";
import { targetDoor } from "./lane/doors.ts";
import { parseRunFilters } from "./lane/run-filters.ts";
import { flushesTarget } from "./lane/target-flush.ts";
import { systemError } from "./plan/end-errors.ts";
import { exitStatus } from "./plan/exit-status.ts";
import { type IdMaps, resolveIdMaps } from "./plan/id-maps.ts";
import type { LaneSettings } from "./plan/lane-settings.ts";
import { openDoor } from "./plan/open-door.ts";
import { placeNotes } from "./plan/place-notes.ts";
import { RunDigests } from "./plan/run-digests.ts";
import type { Endpoints } from "./plan/run-ends.ts";
import { noDeletions, ruleWarning, skippedDeletions, targetProblem } from "./plan/run-problems.ts";
import { SharedMemory } from "./plan/shared-memory.ts";
import { isSuperUser } from "./plan/stage-options.ts";
import { stopInTime } from "./plan/stop-in-time.ts";
import { sumColumnsOf } from "./plan/sum-columns.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { laneSettings, startLane } from "./run-lanes.ts";
import type { FarRun, Listener, SyncResult } from "./run-listener.ts";
import { openStaging, type Staging, sweepStaging } from "./run-staging.ts";
import type { RunJob } from "./state/run-job.ts";
import type { LaneResult, LaneTask } from "./tasks/tasks.ts";

/** Something was left undone. */
const partialExit = 23;
/** A problem with this status ends the run: the target cannot be written to. */
const endingExit = 11;

/** A run in progress: what can be asked of it and done to it from outside. */
export class SyncRun {
  readonly #options: Options;
  readonly #surroundings: Surroundings;
  readonly #listener: Listener;
  readonly #limits: SchedulerLimits;
  readonly #memory: SharedMemory;
  readonly #exits = new Set<number>();
  #conductor: Conductor | undefined;
  #failure: unknown;
  #scheduler: Scheduler<LaneTask, LaneResult> | undefined;
  #filterRules: FilterRuleSet | undefined;
  #idMaps: IdMaps | undefined;
  readonly #far: FarRun | undefined;
  #takesAhead = false;
  /** Of which columns sums may come in the place of records. */
  #sums = 0;
  readonly #mayDelete = (): boolean =>
    this.#options.delete.ignoreErrors ||
    (this.#memory.read("sourceIncomplete") === 0 && this.#far?.client.isIncomplete !== true);
  #digests: RunDigests | undefined;

  /** `far`: the source's end, where it is on another machine. */
  constructor(options: Options, surroundings: Surroundings, listener: Listener, far?: FarRun) {
    this.#far = far;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#listener = listener;
    this.#limits = laneLimits(options, surroundings, far !== undefined);
    this.#memory = new SharedMemory(this.#limits.lanesMax);
  }

  /** Counters as of now, over all lanes. */
  get counters(): Counters {
    return this.#memory.sums;
  }

  /** Totals are final. */
  get scanComplete(): boolean {
    return this.#conductor?.scanComplete ?? false;
  }

  /** Lets the scan run ahead of the applying, for whoever shows totals; costs some speed. */
  scanAhead(): void {
    this.#memory.write("scanAhead", 1);
    this.#conductor?.surveyAhead();
  }

  /** Stops at the next entry; run() then throws the error. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#stop();
  }

  #stop(): void {
    this.#conductor?.stop();
    this.#memory.stop();
    if (this.#far !== undefined) this.#scheduler?.letGo();
  }

  get #isStopped(): boolean {
    return this.#memory.read("cancelled") !== 0;
  }

  /** Runs to the end. Throws ManifoldError for what stops a run. */
  async run(): Promise<SyncResult> {
    try {
      return await this.#run();
    } catch (error) {
      throw error instanceof FsError ? systemError(error, this.#options.target ?? "") : error;
    }
  }

  async #run(): Promise<SyncResult> {
    const fs = openDoor(this.#surroundings);
    this.#filterRules = parseRunFilters(fs, this.#options, this.#surroundings, (message) =>
      this.tell(ruleWarning(message, "source")),
    );
    const unknownName = (message: ByteString): void => this.tell(ruleWarning(message, "target"));
    this.#idMaps = resolveIdMaps(this.#options, unknownName, this.#surroundings.confinement);
    const endpoints = this.#openEnds(fs);
    if (endpoints.plan.mentions === 0) return this.#result();
    const { workingDirectory, clock } = this.#surroundings;
    placeNotes(fs, this.#options, endpoints, workingDirectory).forEach(this.tell, this);
    const staging = this.#staging(fs, endpoints);
    const job = openStaging(staging);
    const door = targetDoor(fs, this.#options);
    this.#takesAhead = this.#far !== undefined && takesAhead(door, this.#options, endpoints);
    const { scheduler, conductor } = this.#start(fs, endpoints, job);
    const disarm = stopInTime(this.#options.limits.stopAt, clock, (error) => this.cancel(error));
    try {
      const time = endpoints.target === undefined ? "never" : deletionTime(this.#options);
      if (time === "first") {
        this.#far?.client.walk(true, endpoints.naming, false, 0);
        await conductor.walk(true);
        await this.#deletions(conductor);
      }
      this.#far?.client.walk(false, endpoints.naming, this.#takesAhead, this.#sums);
      await conductor.walk(false);
      if (this.#options.transfer.delayUpdates) this.#flush(fs, endpoints, conductor);
      await conductor.finishing.renameDelayed();
      // What is new must last before what is surplus goes.
      if (time === "last") this.#flush(fs, endpoints, conductor);
      if (time === "last") await this.#deletions(conductor);
      else await conductor.finishing.deleteLate(false);
      const skipped = this.#memory.read("deletionsSkipped");
      if (skipped > 0) this.tell(skippedDeletions(skipped));
      await conductor.finishing.narrow();
    } finally {
      disarm();
      await scheduler.close();
      this.#digests?.close();
      conductor.end(this.#isStopped);
      const isOver = this.#failure === undefined && !this.#isStopped;
      sweepStaging({ ...staging, isOver, isWhole: isOver && this.#exits.size === 0 }, job);
    }
    if (this.#failure !== undefined) throw this.#failure;
    this.#closeRoot(targetDoor(fs, this.#options), endpoints, conductor);
    this.#flush(fs, endpoints, conductor);
    return this.#result();
  }

  /** --durable: what was done so far lasts. Where that fails, nothing more is begun. */
  #flush(fs: FileSystem, { target }: Endpoints, { flush }: Conductor): void {
    if (target === undefined || this.#isStopped || !flushesTarget(this.#options)) return;
    const failed = flush.flush(fs, target.path);
    if (failed !== undefined) this.tell(targetProblem(target.label, failed, endingExit));
  }

  #result(): SyncResult {
    return { exit: exitStatus(this.#exits), counters: this.counters };
  }

  /** Opens the ends and tells what was met on the way. Throws when there can be no run. */
  #openEnds(fs: FileSystem): Endpoints {
    const ends = { fs, options: this.#options, filterRules: this.#filterRules };
    const context = { ...this.#surroundings, ...ends };
    const endpoints = openEndpoints(context, this.#far?.plan);
    this.#listener.started(endpoints);
    for (const event of endpoints.events) this.tell(event);
    if (endpoints.failure !== undefined) throw endpoints.failure;
    if (endpoints.incomplete) this.#memory.write("sourceIncomplete", 1);
    return endpoints;
  }

  #staging(fs: FileSystem, endpoints: Endpoints): Staging {
    const tell = (event: ProgressEvent): void => this.tell(event);
    const [options, memory, keeps] = [this.#options, this.#memory, this.#far?.keeps];
    return { fs, endpoints, options, memory, keeps, tell };
  }

  #start(
    fs: FileSystem,
    endpoints: Endpoints,
    job: RunJob | undefined,
  ): { scheduler: Scheduler<LaneTask, LaneResult>; conductor: Conductor } {
    const { clock, processors, processorMs, machineTime } = this.#surroundings;
    const memory = this.#memory;
    const roots = { sources: this.#far ? [] : endpoints.plan.roots, target: endpoints.target };
    this.#digests = new RunDigests(this.#options, this.#surroundings, roots);
    this.#digests.notes.forEach(this.tell, this);
    const settings = laneSettings(fs, {
      options: this.#options,
      surroundings: this.#surroundings,
      endpoints,
      job,
      memory,
      idMaps: this.#idMaps,
      filterRules: this.#filterRules,
      digests: this.#digests.settings,
      far: this.#far,
      takesAhead: this.#takesAhead,
    });
    this.#sums = sumColumnsOf(settings);
    memory.write("deletionsLeft", this.#options.delete.max ?? 0);
    if (scansAheadAtOnce(this.#options)) memory.write("scanAhead", 1);
    const scheduler = new Scheduler<LaneTask, LaneResult>(this.#limits, {
      clock,
      processors,
      processorMs,
      machineTime,
      startLane: (index) => this.#startLane({ ...settings, lane: index }),
      refill: (wanted) => this.#conductor?.refill(wanted),
      costAtHand: () => this.#conductor?.costAtHand ?? 0,
      onResult: (result) => this.#received(result),
    });
    this.#scheduler = scheduler;
    const conductor = new Conductor(
      {
        options: this.#options,
        ...{ plan: endpoints.plan, targetExists: endpoints.targetExists },
        opensDirectories: !isSuperUser(settings),
        items: settings.items,
        scansAhead: () => memory.read("scanAhead") !== 0,
        tell: (event) => this.tell(event),
        moves: settings.moves,
        deletes: this.#mayDelete,
        count: (name, more) => memory.count(name, more),
        ...(this.#far && { farSource: this.#far.client }),
      },
      () => scheduler,
    );
    this.#conductor = conductor;
    return { scheduler, conductor };
  }

  #received(result: LaneResult): void {
    if (result.kind === "failed")
      this.cancel(new ManifoldError(result.error.code, result.error.message));
    this.#conductor?.receive(result);
  }

  #startLane(settings: LaneSettings): Lane<LaneTask, LaneResult> {
    const listener = {
      failed: (error: unknown): void => {
        this.#failure ??= error;
        this.#stop();
        this.#scheduler?.abort();
      },
      news: (result: LaneResult): void => this.#received(result),
    };
    return startLane(settings, this.#surroundings, listener);
  }

  /** Tells what was met, which counts for how the run ends. */
  tell(event: ProgressEvent): void {
    if (event.type === "problem" && event.exit !== 0) {
      this.#exits.add(event.exit);
      if (event.exit === endingExit) this.#stop();
    }
    this.#listener.event(event);
  }

  /** Deletions do not happen at all when some directory of the source could not be listed (P6). */
  async #deletions(conductor: Conductor): Promise<void> {
    if (this.#failure !== undefined) return;
    await this.#far?.client.recheck?.();
    const allowed = this.#mayDelete();
    if (!allowed && conductor.wantsDeletions) {
      // Why is told by whoever met it, unless that was gone when it was to be told.
      this.#exits.add(partialExit);
      this.tell(noDeletions);
    }
    await conductor.finishing.deleteLate(allowed);
  }

  /** The root's own times and mode come after everything, staging included. */
  #closeRoot(fs: FileSystem, endpoints: Endpoints, conductor: Conductor): void {
    const staged = this.#memory.read("staged") !== 0;
    const closing = conductor.finishing.closings.root(staged);
    const { target } = endpoints;
    if (closing === undefined || target === undefined || this.#options.transfer.dryRun) return;
    const failed = closeRoot(fs, target.path, closing);
    if (failed !== undefined) this.tell(targetProblem(target.label, failed));
  }
}
