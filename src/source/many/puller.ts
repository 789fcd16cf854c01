// Pulls files from several sources at once: keeps each source's connections at what the dealer gives them, looks at the clock, and
// tells who brought what. It knows files by numbers, and puts content where whoever orders a file says.

import type { Clock, Random } from "../../base/index.ts";
import type { ListedEntry, SourceFile, SourcePart } from "../source.ts";
import { SourceError } from "../source-error.ts";
import { entryFor, failureOf, isProven, sourcesOf } from "./agreement.ts";
import type { Assignment, Part } from "./assignment.ts";
import { bring } from "./bring.ts";
import { Dealer } from "./dealer.ts";
import { bytesForProfile, silenceSeconds, tickSeconds } from "./limits.ts";
import {
  dealtAs,
  type PullSource,
  type RunningSource,
  runningSource,
  type SourceStatus,
  whyUnused,
} from "./pull-source.ts";
import { PulledFile, type PullHost, type PullOrder } from "./pulled-file.ts";
import type { SourceProfile } from "./source-state.ts";

/** What pulling needs. */
export interface PullerSettings {
  /** The first one's word counts: it is the reference. At most 31. */
  readonly sources: readonly PullSource[];
  readonly clock: Clock;
  readonly random: Random;
  /** A source sent wrong bytes, and they were noticed. */
  readonly lied: (source: number, path: string, part: Part) => void;
  /** A source failed. */
  readonly failed: (source: number, error: SourceError) => void;
  /** Nothing has come from anybody for so many seconds, although something is wanted. */
  readonly silent: (seconds: number) => void;
}

const reference = 0;

/** Pulls. */
export class Puller {
  readonly #settings: PullerSettings;
  readonly #dealer: Dealer;
  readonly #all: PullSource[];
  readonly #sources: RunningSource[];
  readonly #files = new Map<number, PulledFile>();
  readonly #aborts = new Map<Assignment, AbortController>();
  readonly #host: PullHost;
  readonly #stopping = new AbortController();
  #next = 0;
  #stopTick: (() => void) | undefined;
  #heardAt = 0;
  #isDealing = false;
  /** Some of what was ordered can be proven by whoever brings it. */
  #hasDigests = false;

  constructor(settings: PullerSettings) {
    const { sources, random, clock } = settings;
    this.#settings = settings;
    this.#all = [...sources];
    this.#sources = sources.map((each, number) => runningSource(each, number, clock));
    this.#dealer = new Dealer(
      {
        sources: sources.map(dealtAs),
        random,
        cancel: (assignment) => this.#aborts.get(assignment)?.abort(cancelled),
      },
      (file) => this.#maskOf(file),
    );
    this.#host = this.#pullHost();
  }

  /** One more source has answered: it shares in what is left. Its number is the next one. */
  join(source: PullSource): void {
    this.#all.push(source);
    this.#sources.push(runningSource(source, this.#sources.length, this.#settings.clock));
    this.#dealer.join(dealtAs(source));
    this.#deal();
  }

  /** Bytes that came twice. */
  get duplicates(): number {
    return this.#dealer.duplicates;
  }

  /** What was learnt of the sources, by their URLs: of those that brought enough to tell. */
  get profiles(): Map<string, SourceProfile> {
    const learnt = new Map<string, SourceProfile>();
    for (const { settings, bytes, number } of this.#sources) {
      const state = this.#dealer.sources[number];
      const isFree = settings.rateMax === undefined;
      if (state?.isMeasured === true && isFree && bytes >= bytesForProfile) {
        learnt.set(settings.source.url, state.profile);
      }
    }
    return learnt;
  }

  /** How every source is doing. */
  get status(): SourceStatus[] {
    const now = this.#now;
    return this.#sources.map((one) => {
      const { settings, working, lies, trouble, number } = one;
      const state = this.#dealer.sources[number];
      const canAgree = number === reference || settings.abilities.timeStep !== undefined;
      return {
        url: settings.source.url,
        ...{ bytes: one.bytes, files: one.files, trouble, connections: working },
        errors: (state?.errors ?? 0) + lies,
        rate: working > 0 ? (state?.expected(now) ?? 0) : 0,
        unused: whyUnused(one, canAgree || this.#hasDigests),
      };
    });
  }

  /** Orders a file. Its callbacks come later, never from within this call. */
  add(order: PullOrder): PulledFile {
    const number = this.#next++;
    this.#hasDigests ||= isProven(order.entry);
    const file = new PulledFile(number, this.#ending(order, number), this.#host);
    this.#files.set(number, file);
    if (order.kept.length === 0 && order.size > 0) this.#dealer.add(number, order.size);
    else {
      for (const { from, to } of file.segments.missing(0, order.size)) {
        this.#dealer.addPart({ file: number, from, to });
      }
    }
    queueMicrotask(() => {
      file.begin();
      this.#deal();
    });
    return file;
  }

  /** Ends everything that is under way. */
  stop(): void {
    this.#stopTick?.();
    this.#stopping.abort(cancelled);
    for (const abort of this.#aborts.values()) abort.abort(cancelled);
  }

  get #now(): number {
    return this.#settings.clock.now() / 1000;
  }

  #ending(order: PullOrder, number: number): PullOrder {
    const ended = (why: string | undefined): void => {
      const file = this.#files.get(number);
      this.#files.delete(number);
      this.#dealer.forget(number);
      if (why === undefined && file !== undefined) this.#credit(file);
      order.ended(why);
    };
    return { ...order, ended };
  }

  /** A file counts for whoever brought most of it. */
  #credit({ segments }: PulledFile): void {
    const most = segments.mostBy();
    const source = most === undefined ? undefined : this.#sources[most];
    if (source !== undefined) source.files++;
  }

  #pullHost(): PullHost {
    const { source, abilities } = (this.#sources[reference] as RunningSource).settings;
    const { digest } = source;
    return {
      reference,
      digest:
        digest === undefined || !abilities.digests
          ? undefined
          : (file: SourceFile, part: SourcePart) =>
              digest.call(source, file, part, this.#stopping.signal),
      accepted: (from, bytes) => {
        const one = this.#sources[from];
        if (one !== undefined) one.bytes += bytes;
      },
      wrong: (from, part) => {
        this.#lied(from, part);
        this.#dealer.wrong(from, part);
        this.#deal();
      },
      again: (from, part) => {
        if (from < 0) this.#dealer.addPart(part);
        else this.#dealer.again(from, part);
        this.#deal();
      },
      blame: (from, part) => {
        this.#lied(from, part);
        this.#dealer.sources[from]?.wasWrong();
      },
      proven: (from) => this.#sources[from]?.bytes ?? 0,
    };
  }

  #lied(source: number, part: Part): void {
    const one = this.#sources[source];
    if (one !== undefined) one.trouble = "it sent wrong content";
    this.#settings.lied(source, this.#files.get(part.file)?.order.path ?? "", part);
  }

  #maskOf(number: number): number {
    const file = this.#files.get(number);
    return file === undefined ? 0 : sourcesOf(file.order.entry, this.#all);
  }

  /** Gives every free connection something to do. */
  #deal(): void {
    if (this.#isDealing || this.#stopping.signal.aborted) return;
    this.#isDealing = true;
    const now = this.#now;
    try {
      for (const source of this.#sources) {
        while (source.working < this.#dealer.connections(source.number, now)) {
          const assignment = this.#dealer.next(source.number, now);
          if (assignment === undefined) break;
          void this.#work(source, assignment);
        }
      }
      for (const { file } of this.#dealer.takeLost()) {
        this.#files.get(file)?.fail("no source has it as the first one lists it");
      }
    } finally {
      this.#isDealing = false;
    }
    if (this.#files.size > 0) this.#watch();
  }

  async #work(source: RunningSource, assignment: Assignment): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(assignment, abort);
    source.working++;
    source.asked++;
    try {
      await bring(source, assignment, this, abort.signal);
      if (!assignment.isOver) this.#dealer.done(assignment, this.#now);
      source.trouble = undefined;
    } catch (error) {
      if (!assignment.isOver) this.#failed(source, assignment, error);
    } finally {
      source.working--;
      this.#aborts.delete(assignment);
      // Not from within: whoever ended this may be dealing.
      queueMicrotask(() => this.#deal());
    }
  }

  #failed(source: RunningSource, assignment: Assignment, error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    const told = error instanceof SourceError ? error : undefined;
    if (told === undefined && error !== cancelled && error !== dead) throw error;
    const failure = told === undefined ? ({ kind: "connection" } as const) : failureOf(told);
    if (failure.kind === "absent") source.lacking++;
    else source.trouble = told?.message ?? "nothing comes";
    if (told !== undefined) this.#settings.failed(source.number, told);
    this.#dealer.failed(assignment, failure, this.#now);
  }

  /** Looks at the clock while something is wanted. */
  #watch(): void {
    if (this.#stopTick !== undefined) return;
    this.#heardAt = this.#now;
    const tick = (): void => {
      const now = this.#now;
      this.#dealer.tick(now);
      for (const assignment of this.#dealer.dead(now)) this.#aborts.get(assignment)?.abort(dead);
      if (now - this.#heardAt > silenceSeconds) this.#settings.silent(now - this.#heardAt);
      this.#stopTick = undefined;
      if (this.#files.size > 0 && !this.#stopping.signal.aborted) {
        const heardAt = this.#heardAt;
        this.#watch();
        this.#heardAt = heardAt;
      }
      this.#deal();
    };
    this.#stopTick = this.#settings.clock.after(tickSeconds * 1000, tick);
  }

  /** As bring() wants it. */
  file(number: number): PulledFile | undefined {
    return this.#files.get(number);
  }

  /** As bring() wants it. */
  arrived(assignment: Assignment, bytes: number): void {
    this.#heardAt = this.#now;
    if (!assignment.isOver) this.#dealer.arrived(assignment, bytes, this.#now);
  }

  /** As bring() wants it: a mirror does not know the reference's marks, and may tell time less exactly. */
  expected(entry: ListedEntry, { number, settings }: RunningSource): ListedEntry {
    return number === reference ? entry : entryFor(entry, this.#all, settings);
  }
}

const cancelled = new Error("Somebody else has brought it.");
const dead = new Error("Nothing has come for too long.");
