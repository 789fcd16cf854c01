// Sources that exist only in time: each has a rate, a latency and a fate. Runs a dealer against them, and
// computes how fast anybody could have been.

import { seededRandom } from "../../../src/base/index.ts";
import { type Assignment, Dealer, type Part } from "../../../src/source/index.ts";

/** From `at` seconds on. Rate 0 = nothing comes, and nothing says so; "dead" = connections break. */
export interface Fate {
  readonly at: number;
  readonly rate: number | "dead";
}

/** A source. */
export interface SimulatedSource {
  /** Bytes a second of all its connections together, and of one of them at most. */
  readonly rate: number;
  readonly connectionRate: number;
  readonly latency: number;
  readonly connectionsMax: number;
  readonly depth: number;
  readonly ranges: boolean;
  readonly fates: readonly Fate[];
  /** One part in so many has wrong content; 0 = none. */
  readonly liesEvery: number;
  readonly priority?: number;
}

/** A tree. */
export interface SimulatedTree {
  readonly sizes: readonly number[];
  /** The sources of each file, as bits. */
  readonly masks: readonly number[];
}

/** How a run ended. */
export interface Outcome {
  readonly seconds: number;
  readonly bound: number;
  /** The bound for a tenth more of bytes: much later where somebody fast goes away just before the end. */
  readonly nearBound: number;
  readonly duplicates: number;
  readonly total: number;
  readonly lost: readonly Part[];
  /** Every byte came, right, at least once. */
  readonly isWhole: boolean;
  readonly wrongBytes: number;
}

interface Connection {
  readonly assignment: Assignment;
  /** When its first byte comes. */
  readonly begins: number;
  /** Seconds that its files have to wait for answers of their own, all together. */
  readonly waits: number;
}

const step = 0.01;
const secondsMax = 4000;

/** Runs to the end. */
export function simulate(
  sources: readonly SimulatedSource[],
  tree: SimulatedTree,
  seed: number,
  look?: (now: number, dealer: Dealer) => void,
): Outcome {
  const run = new Run(sources, tree, seed);
  let now = 0;
  while (!run.isDone && now < secondsMax) {
    run.advance(now);
    look?.(now, run.dealer);
    now += step;
  }
  const bytes = run.dealer.total;
  return {
    seconds: now,
    bound: fluidBound(run.trusted(1), tree, run.wrongBytes, 1),
    nearBound: fluidBound(run.trusted(0.9), tree, run.wrongBytes, 1.1),
    duplicates: run.dealer.duplicates,
    total: bytes,
    lost: run.lost,
    isWhole: run.isWhole,
    wrongBytes: run.wrongBytes,
  };
}

class Run {
  readonly dealer: Dealer;
  readonly lost: Part[] = [];
  wrongBytes = 0;
  readonly #sources: readonly SimulatedSource[];
  readonly #tree: SimulatedTree;
  readonly #connections: Set<Connection>[];
  readonly #came: Part[][];
  readonly #told: number[];
  /** When nothing of a source was believed any more. */
  readonly #distrusted: (number | undefined)[];

  constructor(sources: readonly SimulatedSource[], tree: SimulatedTree, seed: number) {
    this.#sources = sources;
    this.#tree = tree;
    this.#connections = sources.map(() => new Set());
    this.#came = tree.sizes.map(() => []);
    this.#told = sources.map(() => 0);
    this.#distrusted = sources.map(() => undefined);
    const settings = {
      sources: sources.map(({ connectionsMax, depth, ranges, priority }) => ({
        connectionsMax,
        priority,
        depth,
        ranges,
      })),
      random: seededRandom(seed),
      cancel: (assignment: Assignment) => this.#drop(assignment),
    };
    this.dealer = new Dealer(settings, (file) => tree.masks[file] as number);
    for (const [file, size] of tree.sizes.entries()) this.dealer.add(file, size);
  }

  get isDone(): boolean {
    return this.dealer.isDone;
  }

  /** The sources, each up to `share` of the time at which it was believed no more. */
  trusted(share: number): SimulatedSource[] {
    return this.#sources.map((source, i) => {
      const distrusted = this.#distrusted[i];
      if (distrusted === undefined) return source;
      const at = share * distrusted;
      return {
        ...source,
        fates: [...source.fates.filter((fate) => fate.at < at), { at, rate: 0 }],
      };
    });
  }

  get isWhole(): boolean {
    return this.#came.every((parts, file) => {
      let end = 0;
      for (const { from, to } of parts.sort((a, b) => a.from - b.from)) {
        if (from > end) return false;
        end = Math.max(end, to);
      }
      return end === this.#tree.sizes[file];
    });
  }

  advance(now: number): void {
    this.dealer.tick(now);
    for (const assignment of this.dealer.dead(now)) {
      this.#drop(assignment);
      this.dealer.failed(assignment, { kind: "connection" }, now);
    }
    this.lost.push(...this.dealer.takeLost());
    for (const [source, connections] of this.#connections.entries()) {
      this.#deal(source, connections, now);
      this.#move(source, connections, now);
    }
  }

  #deal(source: number, connections: Set<Connection>, now: number): void {
    while (connections.size < this.dealer.connections(source, now)) {
      const assignment = this.dealer.next(source, now);
      if (assignment === undefined) return;
      const { latency, depth } = this.#sources[source] as SimulatedSource;
      const waits = ((assignment.parts.length - 1) * latency) / depth;
      connections.add({ assignment, begins: now + latency, waits });
    }
  }

  #move(source: number, connections: Set<Connection>, now: number): void {
    const rate = rateAt(this.#sources[source] as SimulatedSource, now);
    const { connectionRate: most } = this.#sources[source] as SimulatedSource;
    let wanted = 0;
    for (const each of connections) if (now >= each.begins) wanted += alone(each, most);
    const share = rate === "dead" ? 0 : Math.min(1, rate / wanted);
    for (const connection of [...connections]) {
      const { assignment } = connection;
      if (rate === "dead" && now >= connection.begins) {
        this.#drop(assignment);
        this.dealer.failed(assignment, { kind: "connection" }, now);
        continue;
      }
      if (rate === "dead" || now < connection.begins) continue;
      const bytes = Math.ceil(step * alone(connection, most) * share);
      if (bytes === 0) continue;
      this.dealer.arrived(assignment, Math.min(bytes, assignment.left), now);
      if (assignment.left > 0) continue;
      connections.delete(connection);
      this.#finish(source, assignment, now);
    }
  }

  #finish(source: number, assignment: Assignment, now: number): void {
    const { liesEvery } = this.#sources[source] as SimulatedSource;
    this.dealer.done(assignment, now);
    for (const part of assignment.parts) {
      this.#told[source] = (this.#told[source] as number) + 1;
      if (liesEvery > 0 && (this.#told[source] as number) % liesEvery === 0) {
        this.wrongBytes += part.to - part.from;
        this.dealer.wrong(source, part);
        if (this.dealer.sources[source]?.isDistrusted) this.#distrusted[source] ??= now;
      } else this.#came[part.file]?.push(part);
    }
  }

  /** What a connection that ends early has brought is kept. */
  #drop(assignment: Assignment): void {
    for (const connections of this.#connections) {
      for (const connection of connections) {
        if (connection.assignment === assignment) connections.delete(connection);
      }
    }
    let open = assignment.arrived;
    for (const part of assignment.parts) {
      const length = Math.min(open, part.to - part.from);
      if (length > 0) this.#came[part.file]?.push({ ...part, to: part.from + length });
      open -= length;
    }
  }
}

/** The rate of a connection that has its source to itself. */
function alone({ assignment: { bytes }, waits }: Connection, rate: number): number {
  return bytes / (bytes / rate + waits);
}

function rateAt({ rate, fates }: SimulatedSource, now: number): number | "dead" {
  let present: number | "dead" = rate;
  for (const fate of fates) if (fate.at <= now) present = fate.rate;
  return present;
}

/**
 * Returns how soon anybody could be through who knew everything: for every set of sources, those files that no other
 * source has cannot come faster than that set can bring them (for work that can be split this is exact). `again`: bytes
 * that were wrong and had to come twice. `share`: so many times the bytes.
 */
export function fluidBound(
  sources: readonly SimulatedSource[],
  { sizes, masks }: SimulatedTree,
  again: number,
  share: number,
): number {
  let bound = 0;
  for (let set = 1; set < 1 << sources.length; set++) {
    const isHonest = sources.every(({ liesEvery }, i) => (set & (1 << i)) !== 0 || liesEvery > 0);
    let bytes = isHonest ? again : 0;
    for (const [file, size] of sizes.entries()) {
      if (((masks[file] as number) & ~set) === 0) bytes += size;
    }
    const members = sources.filter((_, i) => (set & (1 << i)) !== 0);
    if (bytes > 0) bound = Math.max(bound, secondsFor(members, share * bytes));
  }
  return bound;
}

function secondsFor(members: readonly SimulatedSource[], bytes: number): number {
  const latency = Math.min(...members.map((source) => source.latency));
  let left = bytes;
  for (let now = 0; now < secondsMax; now += step) {
    for (const source of members) {
      const rate = rateAt(source, now);
      if (rate !== "dead") left -= step * rate;
    }
    if (left <= 0) return now + step + latency;
  }
  return secondsMax;
}
