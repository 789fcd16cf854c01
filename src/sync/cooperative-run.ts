// A run that shares its target with others, each with a source of its own: all of them bring content, one of them conducts (it has the
// lanes, and does everything else that a run does), and another one goes on where that one is gone.

import { type ByteString, fromText, ManifoldError, systemRandom } from "../base/index.ts";
import { type FileSystem, FsError } from "../fs/index.ts";
import type { Options } from "../options/index.ts";
import { type PullSource, type SourceStatus, treeStateOf } from "../source/index.ts";
import { type Counters, sumCounters } from "../tree/index.ts";
import { Conducting } from "./conducting.ts";
import type { ReferenceChoice } from "./cooperate/candidacy.ts";
import type { Claim } from "./cooperate/claims.ts";
import type { Cooperation } from "./cooperate/cooperation.ts";
import { enterJob, type JobPart } from "./cooperate/enter-job.ts";
import type { JobFolder } from "./cooperate/job-folder.ts";
import { jobIdentity } from "./cooperate/job-identity.ts";
import { publishedReference } from "./cooperate/reference.ts";
import { chooseReference, freshest } from "./mirror/choose-reference.ts";
import type { LateMirror } from "./mirror/coming-mirrors.ts";
import { checkMirrorOptions } from "./mirror/mirror-options.ts";
import { mirrorPlan, treeName } from "./mirror/mirror-plan.ts";
import { mirrorPlaces, type OpenMirrors, openMirrors } from "./mirror/open-mirrors.ts";
import { systemError } from "./plan/end-errors.ts";
import { openDoor } from "./plan/open-door.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { placeTarget } from "./plan/target-place.ts";
import type { Listener, SyncResult } from "./run-listener.ts";
import { formatOwner, isGone, ownRecord, parseOwner } from "./state/owner-record.ts";

/** Nothing has come from anybody for so long although something is wanted. Arbitrary: as in runs from many sources. */
const silenceSeconds = 60;
/** The target has no room. */
const fullExit = 11;

/** Where the job is, and which part this process has in it. */
interface JobAt {
  readonly fs: FileSystem;
  readonly target: ByteString;
  readonly choice: ReferenceChoice | undefined;
}

type Pulls = [PullSource, ...PullSource[]];

/** Such a run; the methods are SyncRun's. */
export class CooperativeRun {
  readonly #options: Options;
  readonly #surroundings: Surroundings;
  readonly #listener: Listener;
  readonly #stopping = new AbortController();
  #cooperation: Cooperation | undefined;
  #conducting: Conducting | undefined;
  #failure: ManifoldError | undefined;
  #scansAhead = false;
  #isStarted = false;
  #isReferenceTold = false;
  /** This process's other sources: each takes part as a process of its own would, but that it never conducts. */
  #helpers: Cooperation[] = [];
  /** Where it takes part now. */
  #place: JobAt | undefined;
  #isOver = false;
  #statuses: readonly SourceStatus[] = [];

  constructor(options: Options, surroundings: Surroundings, listener: Listener) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#listener = {
      ...listener,
      event: (event) => listener.event(event),
      started: (endpoints) => {
        // It is told once, however often this process conducts.
        if (!this.#isStarted) listener.started(endpoints);
        this.#isStarted = true;
      },
    };
  }

  /** Counters as of now: of what this process did at the target. */
  get counters(): Counters {
    return this.#conducting?.counters ?? sumCounters([]);
  }

  /** Totals are final. */
  get scanComplete(): boolean {
    return this.#conducting?.scanComplete ?? false;
  }

  /** Nothing is sent but what asks. */
  readonly bytesSent = 0;

  /** Bytes of content that this process brought. */
  get bytesReceived(): number {
    return this.sources.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** How this process's sources are doing. */
  get sources(): readonly SourceStatus[] {
    const cooperation = this.#cooperation;
    const statuses = cooperation === undefined ? this.#statuses : this.#statusesOf(cooperation);
    return statuses.map((status) => ({ ...status, url: fromText(status.url) }));
  }

  #statusesOf(cooperation: Cooperation): readonly SourceStatus[] {
    return [cooperation, ...this.#helpers].map(({ status }) => status);
  }

  /** Lets the scan run ahead of the applying. */
  scanAhead(): void {
    this.#scansAhead = true;
    this.#conducting?.scanAhead();
  }

  /** Stops at the next entry; run() then throws the error. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#conducting?.cancel(error);
    this.#cooperation?.stop(error);
    this.#stopping.abort(error);
  }

  /** Runs to the end. Throws ManifoldError for what stops a run. */
  async run(): Promise<SyncResult> {
    checkMirrorOptions(this.#options);
    const { sources, events, late, letGo } = await this.#openSources();
    for (const event of events) this.#listener.event(event);
    const [first, ...others] = sources;
    const helping = others.filter(({ bringsContent }) => bringsContent);
    const pulls: Pulls = [first as PullSource, ...helping];
    for (const { opened } of late) void opened.then((came) => this.#join(pulls, came));
    const fs = openDoor(this.#surroundings);
    try {
      const choice = await this.#choice(pulls[0]);
      const target = this.#openTarget(fs);
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure;
        const result = await this.#takePart({ fs, target, choice }, pulls);
        if (result !== undefined) return result;
      }
    } catch (error) {
      if (this.#failure !== undefined) throw this.#failure;
      throw error instanceof FsError ? systemError(error, this.#options.target ?? "") : error;
    } finally {
      this.#isOver = true;
      letGo();
      this.#stopping.abort(new ManifoldError("signal", "The run is over"));
      await Promise.all(pulls.map(({ source }) => source.close()));
    }
  }

  /** The first one lists, should this process conduct; the others bring content. */
  async #openSources(): Promise<OpenMirrors> {
    const { mirrors } = this.#options.own;
    const written = mirrorPlaces(mirrors ?? { places: [], files: [] }, this.#surroundings);
    const ground = { surroundings: this.#surroundings, options: this.#options };
    const { signal } = this.#stopping;
    const { places } = await chooseReference(written, ground, signal);
    return openMirrors(places, ground, signal);
  }

  /** A source of this process has answered after all. */
  #join(pulls: Pulls, came: Awaited<LateMirror["opened"]>): void {
    if (came === undefined || (this.#isOver && "type" in came)) return;
    if ("type" in came) this.#listener.event(came);
    else if (this.#isOver) void came.source.close();
    else if (came.bringsContent) {
      pulls.push(came);
      try {
        const helping = this.#place && { ...this.#place, choice: undefined };
        if (helping !== undefined) this.#helpers.push(this.#enter(helping, came).cooperation);
      } catch (error) {
        this.#cooperation?.stop(error);
      }
    }
  }

  /** Who is to list; of this process's sources the first one may. */
  async #choice({ source }: PullSource): Promise<ReferenceChoice | undefined> {
    const policy = this.#options.own.mirrors?.reference ?? "first";
    if (policy === "first") return undefined;
    return { policy, state: await treeStateOf(source, this.#stopping.signal) };
  }

  /** Makes the target if it is missing; returns its path. */
  #openTarget(fs: FileSystem): ByteString {
    const options = this.#options;
    const context = { ...this.#surroundings, ...{ fs, options, filterRules: undefined } };
    const { target, failure } = placeTarget(context, mirrorPlan(options));
    if (failure !== undefined) throw failure;
    return target?.path ?? ".";
  }

  /** Returns how the job ended; undefined = its folder has gone, and everything begins anew. */
  async #takePart(place: JobAt, [pull, ...others]: Pulls): Promise<SyncResult | undefined> {
    const { target, choice } = place;
    const { cooperation, folder } = this.#enter(place, pull);
    this.#cooperation = cooperation;
    this.#place = place;
    const helping = { ...place, choice: undefined };
    this.#helpers = others.map((other) => this.#enter(helping, other).cooperation);
    cooperation.onLook(() => {
      this.#lookForSilence(cooperation);
      if (choice !== undefined) this.#tellReference(cooperation, folder, choice);
    });
    let isDone = false;
    try {
      for (;;) {
        const turn = await cooperation.turn();
        if (turn.kind === "vanished") return undefined;
        if (turn.kind === "done") {
          isDone = true;
          this.#start(target);
          return { exit: Number(turn.outcome), counters: this.counters };
        }
        const exit = await this.#conduct({ cooperation, folder, pull }, turn.claim);
        // Where there is no room, what has come waits for a run that finds some.
        if (exit === fullExit) return { exit, counters: this.counters };
        if (exit !== undefined && cooperation.conducts(turn.claim)) folder.finish(String(exit));
      }
    } finally {
      this.#statuses = this.#statusesOf(cooperation);
      this.#cooperation = undefined;
      this.#place = undefined;
      // Whoever leaves last cleans up.
      for (const helper of this.#helpers) helper.leave(false);
      this.#helpers = [];
      cooperation.leave(isDone);
    }
  }

  /** Takes part in the job with one source. */
  #enter({ fs, target, choice }: JobAt, pull: PullSource): JobPart {
    const own = ownRecord(fs, systemRandom);
    const self = formatOwner(own);
    const id = jobIdentity(this.#options, treeName(this.#options));
    const { clock } = this.#surroundings;
    return enterJob(
      { fs, target, id, self },
      {
        ...{ pull, clock, random: systemRandom, url: fromText(pull.source.url), choice },
        isGone: (member) => {
          const owner = parseOwner(member);
          return owner === undefined || isGone(fs, owner, own);
        },
      },
    );
  }

  #conduct(
    part: { cooperation: Cooperation; folder: JobFolder; pull: PullSource },
    claim: Claim,
  ): Promise<number | undefined> {
    const conducting = new Conducting({
      ...{ ...part, claim, options: this.#options, surroundings: this.#surroundings },
      ...{ listener: this.#listener, signal: this.#stopping.signal },
    });
    this.#conducting = conducting;
    if (this.#scansAhead) conducting.scanAhead();
    return conducting.run();
  }

  /** A process that never conducted has something to tell, too. */
  #start(target: ByteString): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#listener.placed?.({
      label: target === "." ? "" : `${target.replace(/\/$/, "")}/`,
      created: undefined,
    });
  }

  /** Which source it has become; and that a newer one came too late. */
  #tellReference({ candidacy }: Cooperation, folder: JobFolder, { state }: ReferenceChoice): void {
    if (this.#isReferenceTold || !candidacy.hasReference) return;
    this.#isReferenceTold = true;
    const word = publishedReference(folder);
    const by = word?.state === undefined ? "nothing tells how new it is" : `by ${word.state.from}`;
    const isNewer = freshest([word?.state, state]) === 1;
    const hint = isNewer ? "; this source is newer: once more brings what it has" : "";
    const text = `the reference is ${word?.url} (${by})${hint}`;
    this.#listener.event({ type: "note", topic: "misc", level: 1, text });
  }

  #lookForSilence({ board }: Cooperation): void {
    const isWaiting = board.left > 0 && board.now - board.heardAt > silenceSeconds;
    if (!isWaiting || this.#failure !== undefined) return;
    const words = `No source has sent anything for ${silenceSeconds} seconds`;
    this.cancel(new ManifoldError("connection-lost", words));
  }
}
