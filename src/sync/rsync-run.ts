// A run whose source is behind rsync's own protocol: a daemon, or rsync at the other end of a remote shell.

import { type ByteString, ManifoldError } from "../base/index.ts";
import type { FarPlaces, Options } from "../options/index.ts";
import { Puller } from "../rsync/index.ts";
import {
  type Counters,
  formatFilterRules,
  type ProgressEvent,
  sumCounters,
} from "../tree/index.ts";
import { askedOf } from "./far/asked-of.ts";
import { mayBeIncremental, pullArguments, unavailableOption } from "./far/rsync-arguments.ts";
import { RsyncDirectories } from "./far/rsync-directories.ts";
import { planOf } from "./far/rsync-plan.ts";
import { type RsyncPeer, reachRsync } from "./far/rsync-reach.ts";
import { rulesForSender } from "./far/rsync-rules.ts";
import { RsyncSource } from "./far/rsync-source.ts";
import { parseRunFilters } from "./lane/run-filters.ts";
import { exitStatus } from "./plan/exit-status.ts";
import { openDoor } from "./plan/open-door.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import type { AskedTerms, Listener, SyncResult } from "./run-listener.ts";
import { SyncRun } from "./sync-tree.ts";

/** How long the other end may take to end the conversation when everything has been said. Arbitrary. */
const endingMs = 30_000;

/** Such a run; the methods are SyncRun's. */
export class RsyncRun {
  readonly #options: Options;
  readonly #far: FarPlaces;
  readonly #surroundings: Surroundings;
  readonly #listener: Listener;
  #run: SyncRun | undefined;
  #peer: RsyncPeer | undefined;
  #puller: Puller | undefined;
  #failure: ManifoldError | undefined;
  #abandon: ((error: ManifoldError) => void) | undefined;
  #scansAhead = false;
  #disarm: () => void = () => undefined;
  /** What was told before there was a run. */
  readonly #early: ProgressEvent[] = [];
  /** Exit statuses of what is told when the target's end is through. */
  readonly #late = new Set<number>();

  constructor(options: Options, far: FarPlaces, surroundings: Surroundings, listener: Listener) {
    this.#options = options;
    this.#far = far;
    // Digests that are kept are not rsync's.
    this.#surroundings = { ...surroundings, cache: undefined };
    this.#listener = listener;
  }

  /** As SyncRun's. */
  get counters(): Counters {
    return this.#run?.counters ?? sumCounters([]);
  }

  /** As SyncRun's. */
  get scanComplete(): boolean {
    return this.#run?.scanComplete ?? false;
  }

  /** Bytes that went over the wire from here. */
  get bytesSent(): number {
    return this.#peer?.bytesSent ?? 0;
  }

  /** Bytes that came over the wire. */
  get bytesReceived(): number {
    return this.#peer?.bytesReceived ?? 0;
  }

  /** As SyncRun's. */
  scanAhead(): void {
    this.#scansAhead = true;
    this.#run?.scanAhead();
  }

  /** As SyncRun's. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#run?.cancel(error);
    this.#abandon?.(error);
  }

  /** Runs to the end. Throws ManifoldError. */
  async run(): Promise<SyncResult> {
    const options = this.#options;
    const unavailable = unavailableOption(options);
    if (unavailable !== undefined) {
      const message = `${unavailable} is not available yet with rsync's protocol`;
      throw new ManifoldError("not-yet", message);
    }
    try {
      return await this.#pull();
    } catch (error) {
      throw this.#failure ?? error;
    } finally {
      this.#disarm();
      this.#puller?.destroy();
      this.#peer?.destroy();
    }
  }

  async #pull(): Promise<SyncResult> {
    const options = this.#options;
    const rules = this.#rules();
    const words = pullArguments(options, mayBeIncremental(options));
    this.#peer = await this.#stoppable(
      reachRsync(options, this.#far, this.#surroundings, {
        words,
        text: (line) => this.#tell({ type: "note", topic: "misc", level: 0, text: line }),
      }),
    );
    const { reader, terms } = this.#peer;
    if (this.#failure !== undefined) throw this.#failure;
    const directories = new RsyncDirectories(terms.list, options.walk.recurse);
    let begin: () => void = () => undefined;
    const began = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const source = new RsyncSource(
      directories,
      {
        began: () => begin(),
        tell: (event) => this.#tell(event),
        failed: (error) => this.cancel(error),
      },
      { streams: this.#surroundings.laneUrl !== undefined },
    );
    this.#puller = new Puller(reader, terms, rules, source);
    source.connect(this.#puller);
    await this.#stoppable(began);
    return await this.#conduct(source, directories);
  }

  async #conduct(source: RsyncSource, directories: RsyncDirectories): Promise<SyncResult> {
    const far = {
      client: source,
      plan: planOf(directories),
      asked: this.#asked(),
      sums: this.#peer?.terms.checksums,
    };
    const run = new SyncRun(this.#options, this.#surroundings, this.#listener, far);
    this.#run = run;
    for (const event of this.#early.splice(0)) run.tell(event);
    if (this.#scansAhead) run.scanAhead();
    const result = await run.run();
    await this.#stoppable(Promise.race([source.finish(), this.#patience()]));
    if (this.#failure !== undefined) throw this.#failure;
    // What a program at the other end has to say goes to our standard error; how it ends says how bad that was.
    const exits = new Set([...this.#late, result.exit].filter((exit) => exit !== 0));
    return { ...result, exit: exitStatus(exits) || source.status };
  }

  /** Whoever has everything does not wait for long for the other end to go. */
  #patience(): Promise<void> {
    return new Promise((resolve) => {
      this.#disarm = this.#surroundings.clock.after(endingMs, resolve);
    });
  }

  #rules(): ByteString[] {
    const fs = openDoor(this.#surroundings);
    const rules = parseRunFilters(fs, this.#options, this.#surroundings, () => undefined);
    return rules === undefined ? [] : rulesForSender(formatFilterRules(rules));
  }

  #asked(): AskedTerms | undefined {
    const { remote, walk } = this.#options;
    if (remote.trustSender) return undefined;
    const { paths } = this.#far;
    return { paths: askedOf({ places: paths, expansion: "wildcards", list: undefined }, walk) };
  }

  #tell(event: ProgressEvent): void {
    if (this.#run === undefined) this.#early.push(event);
    else this.#run.tell(event);
    if (event.type === "problem" && event.exit !== 0) this.#late.add(event.exit);
  }

  /** Waits for something, unless the run is stopped meanwhile. */
  #stoppable<T>(waited: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      if (this.#failure !== undefined) reject(this.#failure);
      waited.then(resolve, reject);
    });
  }
}
