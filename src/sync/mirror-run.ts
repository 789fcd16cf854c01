// A run whose source is many: the reference lists the tree, and content comes from all that have it. Where the reference turns out to
// have changed meanwhile, everything is looked at once more.

import { fromText, ManifoldError, systemRandom } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import type { SourceStatus } from "../source/index.ts";
import { type Counters, type ProgressEvent, sumCounters } from "../tree/index.ts";
import { chooseReference } from "./mirror/choose-reference.ts";
import { checkMirrorOptions } from "./mirror/mirror-options.ts";
import { mirrorPlaces } from "./mirror/open-mirrors.ts";
import { pause } from "./mirror/pause.ts";
import { addStatus, totalCounters } from "./mirror/round-totals.ts";
import { MirrorRound } from "./mirror-round.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import type { Listener, SyncResult } from "./run-listener.ts";

/** How often a tree is looked at that changes all the time; and one of which only single files turn out to be others. */
const roundsMax = 3;
const roundsOnEvidence = 2;
/** Whoever updates a mirror is given some time. Arbitrary: a second or two. */
const pauseMs = 1000;

/** Such a run; the methods are SyncRun's. */
export class MirrorRun {
  readonly #options: Options;
  readonly #surroundings: Surroundings;
  readonly #listener: Listener;
  readonly #stopping = new AbortController();
  #round: MirrorRound | undefined;
  /** What earlier rounds did. */
  #counted: Counters[] = [];
  #statuses: readonly SourceStatus[] = [];
  #duplicates = 0;
  #failure: ManifoldError | undefined;
  #scansAhead = false;
  #hasStarted = false;

  constructor(options: Options, surroundings: Surroundings, listener: Listener) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#listener = listener;
  }

  /** Counters as of now. */
  get counters(): Counters {
    const all = [...this.#counted, ...(this.#round?.counted ?? [])];
    return all.length === 0 ? sumCounters([]) : totalCounters(all);
  }

  /** Totals are final. */
  get scanComplete(): boolean {
    return this.#round?.scanComplete ?? false;
  }

  /** Nothing is sent but what asks. */
  readonly bytesSent = 0;

  /** Bytes of content that came, those that came twice included. */
  get bytesReceived(): number {
    const useful = this.sources.reduce((sum, { bytes }) => sum + bytes, 0);
    return useful + this.#duplicates + (this.#round?.duplicates ?? 0);
  }

  /** How every source is doing. */
  get sources(): readonly SourceStatus[] {
    const now = this.#round?.status ?? [];
    return addStatus(this.#statuses, now).map((one) => ({ ...one, url: fromText(one.url) }));
  }

  /** Lets the scan run ahead of the applying. */
  scanAhead(): void {
    this.#scansAhead = true;
    this.#round?.scanAhead();
  }

  /** Stops at the next entry; run() then throws the error. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#round?.cancel(error);
    this.#stopping.abort(error);
  }

  /** Runs to the end. Throws ManifoldError for what stops a run. */
  async run(): Promise<SyncResult> {
    const options = this.#options;
    checkMirrorOptions(options);
    const { mirrors } = options.own;
    const ground = { surroundings: this.#surroundings, options };
    const { signal } = this.#stopping;
    try {
      const written = mirrors === undefined ? [] : mirrorPlaces(mirrors, this.#surroundings);
      const { places, note } = await chooseReference(written, ground, signal);
      const notes: ProgressEvent[] = note === undefined ? [] : [note];
      for (let round = 1; ; round++) {
        const ended = await this.#oneRound(places, notes.splice(0));
        const most = ended.hasChanged === "evidence" ? roundsOnEvidence : roundsMax;
        if (ended.hasChanged === "no" || round >= most) {
          return { ...ended.result, counters: this.counters };
        }
        const text = "the source has changed meanwhile: everything is looked at once more";
        notes.push({ type: "note", topic: "misc", level: 1, text: fromText(text) });
        await this.#pause(round);
      }
    } catch (error) {
      throw this.#failure ?? error;
    } finally {
      this.#stopping.abort(new ManifoldError("signal", "The run is over"));
    }
  }

  async #oneRound(
    places: Parameters<typeof MirrorRound.open>[0],
    notes: readonly ProgressEvent[],
  ): ReturnType<MirrorRound["run"]> {
    const round = await MirrorRound.open(places, {
      options: this.#options,
      surroundings: this.#surroundings,
      signal: this.#stopping.signal,
      scansAhead: () => this.#scansAhead,
      listener: {
        ...this.#listener,
        started: (ends) => {
          if (!this.#hasStarted) this.#listener.started(ends);
          this.#hasStarted = true;
          for (const event of notes) this.#listener.event(event);
        },
      },
      stopped: (error) => this.cancel(error),
    });
    this.#round = round;
    try {
      if (this.#failure !== undefined) throw this.#failure;
      return await round.run();
    } finally {
      await round.close();
      this.#counted.push(...round.counted);
      this.#statuses = addStatus(this.#statuses, round.status);
      this.#duplicates += round.duplicates;
      this.#round = undefined;
    }
  }

  #pause(round: number): Promise<void> {
    const share = 0.5 + systemRandom.uint32() / 2 ** 32;
    return pause(this.#surroundings.clock, pauseMs * round * share, this.#stopping.signal);
  }
}
