// A run whose source is many: the first one lists the tree, and content comes from all that have it.

import { type ByteString, fromText, ManifoldError, systemRandom } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import { Puller, type PullSource, type SourceStatus } from "../source/index.ts";
import { type Counters, sumCounters } from "../tree/index.ts";
import { parseRunFilters } from "./lane/run-filters.ts";
import { rememberRates } from "./mirror/known-rates.ts";
import { MirrorDirectories } from "./mirror/mirror-directories.ts";
import { MirrorListings } from "./mirror/mirror-listings.ts";
import { checkMirrorOptions, optionsFor } from "./mirror/mirror-options.ts";
import { mirrorPlan, treeName } from "./mirror/mirror-plan.ts";
import { MirrorSource } from "./mirror/mirror-source.ts";
import { mirrorPlaces, mirrorWarning, openMirrors } from "./mirror/open-mirrors.ts";
import { PartFiles, partPrefix } from "./mirror/part-files.ts";
import { openDoor } from "./plan/open-door.ts";
import { ruleWarning } from "./plan/run-problems.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import type { FarRun, Listener, StagingPlace, SyncResult } from "./run-listener.ts";
import { SyncRun } from "./sync-tree.ts";

/** Such a run; the methods are SyncRun's. */
export class MirrorRun {
  readonly #options: Options;
  readonly #surroundings: Surroundings;
  readonly #listener: Listener;
  readonly #stopping = new AbortController();
  #puller: Puller | undefined;
  #run: SyncRun | undefined;
  #parts: PartFiles | undefined;
  #failure: ManifoldError | undefined;
  #scansAhead = false;

  constructor(options: Options, surroundings: Surroundings, listener: Listener) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#listener = listener;
  }

  /** Counters as of now. */
  get counters(): Counters {
    return this.#run?.counters ?? sumCounters([]);
  }

  /** Totals are final. */
  get scanComplete(): boolean {
    return this.#run?.scanComplete ?? false;
  }

  /** Nothing is sent but what asks. */
  readonly bytesSent = 0;

  /** Bytes of content that came, those that came twice included. */
  get bytesReceived(): number {
    const useful = this.sources.reduce((sum, { bytes }) => sum + bytes, 0);
    return useful + (this.#puller?.duplicates ?? 0);
  }

  /** How every source is doing. */
  get sources(): readonly SourceStatus[] {
    return this.#puller?.status.map((one) => ({ ...one, url: fromText(one.url) })) ?? [];
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

  /** Runs to the end. Throws ManifoldError for what stops a run. */
  async run(): Promise<SyncResult> {
    checkMirrorOptions(this.#options);
    const { mirrors } = this.#options.own;
    const places = mirrorPlaces(mirrors ?? { places: [], files: [] }, this.#surroundings);
    const { signal } = this.#stopping;
    const ground = { surroundings: this.#surroundings, options: this.#options };
    const { sources, events } = await openMirrors(places, ground, signal);
    try {
      const client = this.#open(sources);
      const plan = { ...mirrorPlan(this.#options), events };
      const far: FarRun = {
        client,
        plan,
        asked: undefined,
        keeps: { prefix: partPrefix, begin: (place) => this.#keepParts(place) },
      };
      const options = optionsFor(this.#options, (sources[0] as PullSource).abilities);
      const run = new SyncRun(options, this.#surroundings, this.#listener, far);
      this.#run = run;
      if (this.#scansAhead) run.scanAhead();
      if (this.#failure !== undefined) throw this.#failure;
      return await run.run();
    } catch (error) {
      throw this.#failure ?? error;
    } finally {
      this.#puller?.stop();
      rememberRates(this.#surroundings, this.#puller?.profiles ?? new Map());
      this.#stopping.abort(new ManifoldError("signal", "The run is over"));
      this.#parts?.close();
      await Promise.all(sources.map(({ source }) => source.close()));
    }
  }

  #open(sources: readonly PullSource[]): MirrorSource {
    const { clock, laneUrl } = this.#surroundings;
    const [first] = sources as readonly [PullSource, ...PullSource[]];
    const { source: reference, abilities } = first;
    const puller = new Puller({
      sources,
      clock,
      random: systemRandom,
      lied: (number, path, { from, to }) => {
        const url = sources[number]?.source.url ?? "";
        const what = `bytes ${from} to ${to} of "${path}" are not what ${reference.url} has`;
        this.#run?.tell(mirrorWarning(url, what));
      },
      failed: () => undefined,
      silent: (seconds) => {
        const words = `No source has sent anything for ${Math.round(seconds)} seconds`;
        this.cancel(new ManifoldError("connection-lost", words));
      },
    });
    this.#puller = puller;
    const options = this.#options;
    const fs = openDoor(this.#surroundings);
    const warn = (message: ByteString): void => this.#run?.tell(ruleWarning(message, "source"));
    const { signal } = this.#stopping;
    return new MirrorSource({
      reference,
      computesDigests: abilities.digests,
      listings: new MirrorListings({
        directories: new MirrorDirectories(reference, abilities.connectionsMax, signal),
        name: treeName(this.#options),
        filterRules: parseRunFilters(fs, options, this.#surroundings, warn),
        hardLinks: options.preserve.hardLinks && abilities.tells.hardLinks,
      }),
      puller,
      parts: () => this.#parts as PartFiles,
      signal,
      streams: laneUrl !== undefined,
      tell: (event) => this.#run?.tell(event),
    });
  }

  #keepParts(place: StagingPlace): void {
    this.#parts = new PartFiles({
      ...place,
      failed: ({ code, message }) => {
        const kind = code === "ENOSPC" || code === "EDQUOT" ? "disk-full" : "target-io";
        this.cancel(new ManifoldError(kind, fromText(message)));
      },
    });
  }
}
