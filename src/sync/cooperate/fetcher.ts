// Brings content from this process's source: as many connections as pay, each with a run of pieces after the other. It does not
// know for whom: it does what is wanted on the board.

import type { Clock, Random } from "../../base/index.ts";
import {
  dealtAs,
  type PullSource,
  SourceError,
  SourceState,
  type SourceStatus,
  Throttle,
} from "../../source/index.ts";
import type { Board } from "./board.ts";
import { bringRun } from "./bring-run.ts";
import { type ChosenRun, type ClaimedPiece, RunChooser } from "./choose-run.ts";
import { Collector } from "./collector.ts";
import type { JobFolder } from "./job-folder.ts";
import { type OrderState, pieceState } from "./order-state.ts";

/** What fetching needs. */
export interface FetcherSettings {
  readonly pull: PullSource;
  /** How far apart times of one file may be by the reference and by this source, in seconds; undefined = it tells none. */
  readonly timeSlack: () => number | undefined;
  readonly board: Board;
  readonly folder: JobFolder;
  readonly clock: Clock;
  readonly random: Random;
  /** A connection has become free. */
  readonly freed: () => void;
  /** It cannot go on, and not for its source's sake. */
  readonly failed: (error: unknown) => void;
}

/** One connection at work. */
interface Running {
  readonly run: ChosenRun;
  readonly abort: AbortController;
  readonly size: number;
  arrived: number;
  lastAt: number;
}

/** A piece that we have, or had. */
interface Own {
  readonly order: OrderState;
  readonly piece: ClaimedPiece;
}

/** Nothing has come for so long: others may take over; and the connection is given up. */
const stallSeconds = 1.5;
const stallLatencies = 4;
const deadSeconds = 15;
const measureSeconds = 0.25;
const cancelled = new Error("Somebody else brings it.");
const dead = new Error("Nothing has come for too long.");

/** Fetches. */
export class Fetcher {
  readonly #settings: FetcherSettings;
  readonly #state: SourceState;
  readonly #chooser: RunChooser;
  readonly #throttle: Throttle | undefined;
  readonly #running = new Set<Running>();
  /** Pieces of orders that are wanted, and were ours last. */
  readonly #own = new Set<Own>();
  #isStopped = false;
  #measuredAt = 0;
  #bytes = 0;
  #trouble: string | undefined;

  constructor(settings: FetcherSettings) {
    this.#settings = settings;
    const { pull, board, folder, clock } = settings;
    const { rateMax } = pull;
    this.#state = new SourceState(dealtAs(pull));
    this.#chooser = new RunChooser(board, folder.claims);
    this.#throttle = rateMax === undefined ? undefined : new Throttle(rateMax, clock);
  }

  /** What others may count on: bytes a second, and bytes that are claimed and have not come. */
  get pulse(): { readonly rate: number; readonly left: number } {
    const { now } = this.#settings.board;
    const isWell = this.#state.isWell(now) && !this.#isSilent(now);
    let left = 0;
    for (const { size, arrived } of this.#running) left += Math.max(0, size - arrived);
    return { rate: isWell ? Math.round(this.#state.rate) : 0, left };
  }

  /** How the source is doing, but for how many files it has brought. */
  get status(): Omit<SourceStatus, "files"> {
    return {
      url: this.#settings.pull.source.url,
      bytes: this.#bytes,
      connections: this.#running.size,
      errors: this.#state.errors,
      unused: undefined,
      rate: this.#running.size > 0 ? this.pulse.rate : 0,
      trouble: this.#trouble,
    };
  }

  /** Gives every free connection something to do, and looks after those that are at work. Throws FsError. */
  go(): void {
    if (this.#isStopped) return;
    const { board, pull } = this.#settings;
    const { now } = board;
    this.#measure(now);
    this.#countRefused();
    this.#freeIdle();
    for (const one of this.#running) this.#check(one, now);
    if (this.#isSilent(now)) return;
    while (this.#state.isWell(now) && this.#running.size < this.#state.connections) {
      if (this.#state.needsProbe && this.#running.size > 0) return;
      const { rate, isMeasured, latency, connections } = this.#state;
      const { depth, ranges } = pull.abilities;
      const pace = { rate, isMeasured, latency, connections, depth, ranges };
      const run = this.#chooser.choose(pace);
      if (run === undefined) return;
      void this.#work(run);
    }
  }

  /** Ends everything that is under way. */
  stop(): void {
    this.#isStopped = true;
    for (const { abort } of this.#running) abort.abort(cancelled);
  }

  #measure(now: number): void {
    if (now - this.#measuredAt < measureSeconds) return;
    this.#state.measure(now);
    this.#state.climb(now, this.#running.size > 0 && this.#settings.board.left > 0);
    this.#measuredAt = now;
  }

  #isSilent(now: number): boolean {
    const limit = Math.max(stallSeconds, stallLatencies * this.#state.latency);
    const isStalled = ({ lastAt }: Running): boolean => now - lastAt > limit;
    return this.#running.size > 0 && [...this.#running].every(isStalled);
  }

  /** Whatever nobody waits for any more, or somebody else has taken over, ends; and what is dead. */
  #check({ run: { order, pieces }, abort, lastAt }: Running, now: number): void {
    const { orders } = this.#settings.board;
    const isWanted = orders.get(order.record.key) === order;
    const isOpen = pieces.some(({ index }) => order.states[index] !== pieceState.done);
    if (!isWanted || !isOpen) abort.abort(cancelled);
    else if (now - lastAt > deadSeconds) abort.abort(dead);
  }

  async #work(run: ChosenRun): Promise<void> {
    const { board } = this.#settings;
    const size = run.pieces.reduce((sum, { from, to }) => sum + to - from, 0);
    const abort = new AbortController();
    const began = board.now;
    const one: Running = { run, abort, size, arrived: 0, lastAt: began };
    this.#running.add(one);
    for (const piece of run.pieces) this.#own.add({ order: run.order, piece });
    this.#state.work(began);
    try {
      await this.#bring(one);
      this.#trouble = undefined;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#running.delete(one);
      this.#state.rest(board.now);
      if (!this.#state.isMeasured) this.#state.measure(board.now);
      if (!this.#isStopped) this.#settings.freed();
    }
  }

  async #bring(one: Running): Promise<void> {
    const { board, folder, pull, timeSlack } = this.#settings;
    const { run, abort } = one;
    const { key } = run.order.record;
    const collector = new Collector(run.pieces, {
      holds: ({ claim }) => !this.#isStopped && folder.claims.holds(claim),
      commit: (from, bytes, digest) => {
        folder.writeContent(key, from, bytes);
        this.#bytes += bytes.length;
        board.say({ is: "brought", key, from, to: from + bytes.length, digest });
      },
    });
    await bringRun(run, {
      pull,
      timeSlack: timeSlack(),
      throttle: this.#throttle,
      signal: abort.signal,
      collector,
      arrived: (bytes) => {
        const { now } = board;
        if (one.arrived === 0) this.#state.began(now - one.lastAt);
        one.arrived += bytes;
        one.lastAt = now;
        this.#state.arrived(bytes);
        this.#state.bytes += bytes;
      },
      lacks: (from, to) => board.say({ is: "lacks", key, from, to }),
    });
  }

  #failed(error: unknown): void {
    if (error === cancelled || this.#isStopped) return;
    if (!(error instanceof SourceError) && error !== dead) {
      this.#settings.failed(error);
      return;
    }
    const { now } = this.#settings.board;
    this.#trouble = error instanceof SourceError ? error.message : "nothing comes";
    if (error instanceof SourceError && error.trouble === "busy" && error.seconds !== undefined) {
      this.#state.pause(now + error.seconds);
    } else this.#state.failed(now, this.#settings.random);
  }

  /**
   * Lets go whatever is ours, and not there, and nobody here is at: a run has ended before its end, or what had been brought was
   * refused. Nobody else can tell that from work that goes on.
   */
  #freeIdle(): void {
    const { board, folder } = this.#settings;
    for (const own of this.#own) {
      const { order, piece } = own;
      const isWanted = board.orders.get(order.record.key) === order;
      const isDone = isWanted && order.states[piece.index] === pieceState.done;
      if (isDone || this.#isAt(own)) continue;
      this.#own.delete(own);
      if (!folder.claims.holds(piece.claim)) {
        // Whose it is now is found out when it is asked for.
        if (isWanted) order.free(piece.index);
        continue;
      }
      // Another conductor may want the same again.
      const { name, turn } = piece.claim;
      board.say({ is: "freed", claim: name, turn });
    }
  }

  #isAt({ piece }: Own): boolean {
    return [...this.#running].some(({ run }) => run.pieces.includes(piece));
  }

  /** What was brought and refused does not count. */
  #countRefused(): void {
    for (const { from, to } of this.#settings.board.takeRefused()) this.#bytes -= to - from;
  }
}
