// Deals the content of a tree out among sources of unequal speed, so that all of them end at the same
// time. Pure: its owner has the connections, the clock and the bytes.

import { assert, type Random } from "../../base/index.ts";
import { Assignment, type Part } from "./assignment.ts";
import { Backlog } from "./backlog.ts";
import { EndGame } from "./end-game.ts";
import {
  hedgeShare,
  sourcesMax,
  splitBytesMin,
  stallKeeps,
  stealBytesMin,
  tickSeconds,
} from "./limits.ts";
import { Prospects, portionOf } from "./prospects.ts";
import { type SourceSettings, SourceState } from "./source-state.ts";

/** Why an assignment ended early. */
export type Failure =
  /** The connection broke, or nothing came for too long; what came before is good. */
  | { readonly kind: "connection" }
  /** The source asks for a rest of so many seconds; undefined = it does not say. */
  | { readonly kind: "busy"; readonly seconds: number | undefined }
  /** The source does not have the file that was next, or has another one. */
  | { readonly kind: "absent" };

/** What dealing needs. */
export interface DealerSettings {
  readonly sources: readonly SourceSettings[];
  readonly random: Random;
  /** Somebody else has brought it: the connection is to stop. Called from within done() and next(). */
  readonly cancel: (assignment: Assignment) => void;
}

/** Deals. Times are seconds on a clock that never goes back. */
export class Dealer {
  readonly sources: SourceState[];
  readonly #settings: DealerSettings;
  readonly #backlog = new Backlog();
  readonly #out = new Set<Assignment>();
  readonly #endGame: EndGame;
  /** For files that some source turned out not to have, or to have wrong: those sources. */
  readonly #lacks = new Map<number, number>();
  #maskOf: (file: number) => number;
  #next = 0;
  #tickedAt: number | undefined;
  /** Bytes of all files so far, and those that came a second time. */
  total = 0;
  duplicates = 0;

  /** `maskOf` tells the sources of a file that was added. */
  constructor(settings: DealerSettings, maskOf: (file: number) => number) {
    assert(settings.sources.length <= sourcesMax, "Sources are bits of a mask.");
    this.#settings = settings;
    this.#maskOf = maskOf;
    this.sources = settings.sources.map((source) => new SourceState(source));
    this.#endGame = new EndGame(this.sources, this.#out, (part) => this.maskOf(part.file));
  }

  /** The sources that may be asked for a file, as bits; 0 = nobody has it. */
  maskOf(file: number): number {
    let mask = this.#maskOf(file) & ~(this.#lacks.get(file) ?? 0);
    for (const [source, { isDistrusted }] of this.sources.entries()) {
      if (isDistrusted) mask &= ~(1 << source);
    }
    return mask;
  }

  /** One more source: from now on maskOf() may name it, and it shares in what is left. */
  join(source: SourceSettings): void {
    assert(this.sources.length < sourcesMax, "Sources are bits of a mask.");
    this.sources.push(new SourceState(source));
    this.#backlog.sort((file) => this.maskOf(file));
  }

  /** Adds a file of `size` > 0 bytes. */
  add(file: number, size: number): void {
    this.total += size;
    this.#backlog.add(file, size, this.maskOf(file));
  }

  /** Adds part of a file, of which the rest is there. */
  addPart(part: Part): void {
    this.total += part.to - part.from;
    this.#backlog.put(part, this.maskOf(part.file));
  }

  /** Nothing of a file will be wanted any more: what is known of it is forgotten. */
  forget(file: number): void {
    this.#lacks.delete(file);
  }

  /** Parts that nobody can bring. They are forgotten: it is for the owner to tell. */
  takeLost(): Part[] {
    const trusted = this.sources.reduce(
      (mask, { isDistrusted }, i) => mask | (isDistrusted ? 0 : 1 << i),
      0,
    );
    return this.#backlog.takeUnless(trusted);
  }

  /** Nothing is left to bring of what was added. */
  get isDone(): boolean {
    return this.#backlog.bytes === 0 && this.#out.size === 0;
  }

  /** How many connections a source should have now. */
  connections(source: number, now: number): number {
    const state = this.#source(source);
    return state.isWell(now) ? state.connections : 0;
  }

  /** What a free connection of a source is to do; undefined = nothing that would be of use, now. */
  next(source: number, now: number): Assignment | undefined {
    const state = this.#source(source);
    if (!state.isWell(now) || state.isProbing) return undefined;
    // A source from which nothing comes has enough to do.
    for (const other of this.#out) {
      if (other.source === source && this.#endGame.isStalled(other, now)) return undefined;
    }
    const prospects = new Prospects(this.sources, this.#backlog, this.#out, now);
    const parts = this.#portion(source, prospects);
    if (parts.length > 0) {
      state.isProbing = state.needsProbe;
      return this.#begin(source, parts, now);
    }
    // Who has just been silent shows with work of its own that it goes on: as the second one at somebody's last
    // bytes it would keep those away who bring them.
    if (state.needsProbe || state.wasSilent) return undefined;
    return this.#fromOthers(source, now);
  }

  #portion(source: number, prospects: Prospects): Part[] {
    const state = this.#source(source);
    for (const mask of prospects.shelvesOf(source)) {
      if (!prospects.isUseful(source, mask)) continue;
      const parts = this.#backlog.take(mask, portionOf(state, prospects.shareOf(source)));
      if (parts.length > 0) return parts;
    }
    return [];
  }

  #fromOthers(source: number, now: number): Assignment | undefined {
    const stolen = this.#endGame.steal(source, now);
    if (stolen.length > 0) return this.#begin(source, stolen, now);
    const budget = hedgeShare * this.total - this.duplicates - this.#endGame.waste;
    const victim = this.#endGame.hedge(source, budget, now);
    if (victim === undefined) return undefined;
    if (victim.twin !== undefined) this.#giveUp(victim.twin, now);
    const copy = this.#begin(source, victim.rest(), now);
    copy.isHedge = true;
    copy.twin = victim;
    victim.twin = copy;
    return copy;
  }

  /** A second copy that comes too slowly makes room for another one. */
  #giveUp(copy: Assignment, now: number): void {
    this.duplicates += copy.arrived;
    this.#end(copy, now);
    this.#settings.cancel(copy);
  }

  #begin(source: number, parts: readonly Part[], now: number): Assignment {
    const assignment = new Assignment(this.#next++, source, parts, now);
    this.#out.add(assignment);
    this.#source(source).work(now);
    return assignment;
  }

  /** Bytes of an assignment have come, in order. */
  arrived(assignment: Assignment, bytes: number, now: number): void {
    const state = this.#source(assignment.source);
    if (assignment.arrived === 0) state.began(now - assignment.since);
    state.arrived(bytes);
    state.bytes += assignment.take(bytes, now);
  }

  /** Everything of it has come. */
  done(assignment: Assignment, now: number): void {
    assert(assignment.left === 0, "Done is what has come whole.");
    this.#end(assignment, now);
    const state = this.#source(assignment.source);
    if (!state.isMeasured) state.measure(now);
    const { twin } = assignment;
    if (twin === undefined) return;
    // The one that began later is for the same bytes that the other one had left then.
    this.duplicates += (assignment.isHedge ? assignment.bytes : twin.bytes) - twin.left;
    this.#end(twin, now);
    this.#settings.cancel(twin);
  }

  /** It ended before everything had come. */
  failed(assignment: Assignment, failure: Failure, now: number): void {
    this.#end(assignment, now);
    const state = this.#source(assignment.source);
    const rest = assignment.rest();
    if (failure.kind === "connection") state.failed(now, this.#settings.random);
    else if (failure.kind === "busy") this.#rest(state, failure.seconds, now);
    else this.#isAbsent(assignment, rest);
    const { twin } = assignment;
    if (twin === undefined) {
      this.#putBack(rest);
      return;
    }
    if (assignment.isHedge) this.duplicates += assignment.arrived;
    twin.twin = undefined;
    twin.isHedge = false;
  }

  /** What came of a file was wrong: it is asked of others. The owner says what of it. */
  wrong(source: number, part: Part): void {
    this.#source(source).wasWrong();
    this.again(source, part);
  }

  /** What came of a file may have been wrong: it is asked of others. */
  again(source: number, part: Part): void {
    this.#lack(source, part.file);
    this.#backlog.put(part, this.maskOf(part.file));
  }

  /** Looks at the rates; to be called about every `tickSeconds`. */
  tick(now: number): void {
    const since = this.#tickedAt ?? now;
    if (this.#tickedAt !== undefined && now - since < tickSeconds) return;
    this.#tickedAt = now;
    if (now === since) return;
    for (const state of this.sources) state.isSilent = state.isWorking;
    for (const assignment of this.#out) {
      if (this.#endGame.isStalled(assignment, now)) this.#takeBack(assignment);
      else this.#source(assignment.source).isSilent = false;
    }
    for (const state of this.sources) {
      const hasWork = state.isWorking;
      state.measure(now);
      state.climb(now, hasWork && this.#backlog.bytes > 0);
    }
  }

  /** Assignments whose connections are to be given up: nothing has come for too long. */
  dead(now: number): Assignment[] {
    return [...this.#out].filter((assignment) => this.#endGame.isDead(assignment, now));
  }

  /** Nothing comes: all but a little of it is dealt out anew, to everybody according to what he can do. */
  #takeBack(assignment: Assignment): void {
    const { twin, left } = assignment;
    if (twin === undefined && left >= stallKeeps + stealBytesMin)
      this.#putBack(assignment.cut(left - stallKeeps, splitBytesMin));
  }

  #rest(state: SourceState, seconds: number | undefined, now: number): void {
    if (seconds !== undefined) state.pause(now + seconds);
    // Those that it has let in go on.
    else if (state.isWorking) state.isFull(now);
    else state.failed(now, this.#settings.random);
  }

  #isAbsent(assignment: Assignment, rest: readonly Part[]): void {
    const file = rest[0]?.file;
    if (file === undefined) return;
    this.#lack(assignment.source, file);
    // Nothing else of it is there either.
    this.#backlog.move(file, this.maskOf(file));
  }

  #lack(source: number, file: number): void {
    this.#lacks.set(file, (this.#lacks.get(file) ?? 0) | (1 << source));
  }

  #putBack(parts: readonly Part[]): void {
    for (const part of parts)
      if (part.to > part.from) this.#backlog.put(part, this.maskOf(part.file));
  }

  #end(assignment: Assignment, now: number): void {
    assignment.isOver = true;
    if (this.#endGame.isStalled(assignment, now)) this.#source(assignment.source).wasSilent = true;
    this.#source(assignment.source).rest(now);
    this.#source(assignment.source).isProbing = false;
    this.#out.delete(assignment);
  }

  #source(source: number): SourceState {
    const state = this.sources[source];
    assert(state !== undefined, "A source has a number.");
    return state;
  }
}
