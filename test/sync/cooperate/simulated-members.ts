// Processes that work together, simulated: all in one thread, in one file system in memory and on one clock that tests move. Each can be killed
// between any two calls to the file system, or be held up, as a process that is stopped.

import { type Clock, type Random, seededRandom } from "../../../src/base/index.ts";
import {
  Crash,
  type FileSystem,
  faultyFileSystem,
  type MemoryFileSystem,
} from "../../../src/fs/index.ts";
import type { ReferencePolicy } from "../../../src/options/index.ts";
import type { ListedEntry, PullSource } from "../../../src/source/index.ts";
import type { ReferenceChoice } from "../../../src/sync/cooperate/candidacy.ts";
import type { Claim } from "../../../src/sync/cooperate/claims.ts";
import type { Cooperation } from "../../../src/sync/cooperate/cooperation.ts";
import { enterJob } from "../../../src/sync/cooperate/enter-job.ts";
import type { JobFolder } from "../../../src/sync/cooperate/job-folder.ts";
import { orderOf } from "../../../src/sync/cooperate/order-record.ts";
import { publishReference } from "../../../src/sync/cooperate/reference.ts";
import { settleReference } from "../../../src/sync/cooperate/settle-reference.ts";
import { orderedFile, SharedPart } from "../../../src/sync/cooperate/shared-parts.ts";
import { SharedPuller } from "../../../src/sync/cooperate/shared-puller.ts";
import { MirrorDirectories } from "../../../src/sync/mirror/mirror-directories.ts";
import type { ManualClock } from "../../support/index.ts";

/** How long listing a tree takes. */
const listingMs = 800;

/** What they share. */
export interface SimulatedWorld {
  readonly fs: MemoryFileSystem;
  readonly clock: ManualClock;
  readonly dead: Set<string>;
  /** What is to be brought, by path. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Of files that are small the listing has digests. */
  readonly entries: ReadonlyMap<string, ListedEntry>;
  /** Who is to say what the tree is; undefined = whoever comes first. */
  readonly policy?: ReferencePolicy | undefined;
  /** Names of those who have said it, and when. */
  readonly published: { readonly name: string; readonly at: number }[];
}

/** What is done to one. */
export interface Fate {
  /** At which of its calls it is killed, counted from its start; undefined = at none. */
  readonly killedAtCall?: number;
  /** Begins so late, and is held up from when on for how long, in milliseconds. */
  readonly startsAt?: number;
  readonly stopsAt?: number;
  readonly stopsFor?: number;
  /** When its tree was made, in seconds; undefined = nothing tells it. */
  readonly madeAt?: number | undefined;
}

/** One process. */
export class SimulatedMember {
  readonly name: string;
  readonly #world: SimulatedWorld;
  readonly #pull: PullSource;
  readonly #fate: Fate;
  #cooperation: Cooperation | undefined;
  #calls = 0;
  readonly #random: Random;
  /** How it ended: with the whole tree, killed, or not yet. */
  end: "done" | "killed" | undefined;
  /** What it found when it conducted and was through: every file's content. */
  conducted: Map<string, Uint8Array | string> | undefined;
  endedAt = 0;
  error: unknown;

  constructor(name: string, world: SimulatedWorld, pull: PullSource, fate: Fate) {
    this.name = name;
    this.#world = world;
    this.#pull = pull;
    this.#fate = fate;
    this.#random = seededRandom(Number(name.replace(/\D/g, "")) + 1);
  }

  /** Bytes that it has brought. */
  get bytes(): number {
    return this.#cooperation?.status.bytes ?? 0;
  }

  /** Starts it, when its time has come. */
  start(): void {
    this.#world.clock.after(this.#fate.startsAt ?? 0, () => {
      void this.#live().catch((error: unknown) => {
        if (error instanceof Crash || this.end === "killed") this.end = "killed";
        else this.error = error;
      });
    });
  }

  get #isDead(): boolean {
    return this.#world.dead.has(this.name);
  }

  /** The door through which it can be killed. */
  #door(): FileSystem {
    return faultyFileSystem(this.#world.fs, () => {
      this.#calls++;
      if (this.#calls === this.#fate.killedAtCall) {
        this.#world.dead.add(this.name);
        this.end = "killed";
        this.endedAt = this.#world.clock.now();
      }
      return this.#isDead ? { kind: "crash" } : undefined;
    });
  }

  /** Its timers go off when it lives, and not while it is held up. */
  #ownClock(): Clock {
    const { clock } = this.#world;
    const { stopsAt = Number.POSITIVE_INFINITY, stopsFor = 0 } = this.#fate;
    return {
      now: () => clock.now(),
      wallTime: () => clock.wallTime(),
      after: (delayMs, callback) => {
        const at = clock.now() + delayMs;
        const isHeldUp = at >= stopsAt && at < stopsAt + stopsFor;
        const delay = isHeldUp ? stopsAt + stopsFor - clock.now() : delayMs;
        return clock.after(delay, () => {
          if (!this.#isDead) callback();
        });
      },
    };
  }

  async #live(): Promise<void> {
    const { dead } = this.#world;
    const fs = this.#door();
    const clock = this.#ownClock();
    for (;;) {
      const place = { fs, target: "/to", id: "0123456789abcdef", self: this.name };
      const { folder, cooperation } = enterJob(place, {
        ...{ pull: this.#pull, url: this.#pull.source.url, clock, random: this.#random },
        isGone: (member) => dead.has(member),
        choice: this.#choice,
      });
      this.#cooperation = cooperation;
      if (await this.#work(cooperation, folder, clock)) return;
    }
  }

  get #choice(): ReferenceChoice | undefined {
    const { policy } = this.#world;
    const { madeAt } = this.#fate;
    if (policy === undefined) return undefined;
    return { policy, state: madeAt === undefined ? undefined : { from: "it", time: madeAt } };
  }

  /** Says whether it is said what the tree is, by whomever, and this process conducts. */
  async #settle(
    cooperation: Cooperation,
    folder: JobFolder,
    claim: Claim,
    clock: Clock,
  ): Promise<boolean> {
    const { source, abilities } = this.#pull;
    const { signal } = new AbortController();
    const { tells, timeStep, generation } = abilities;
    const found = await settleReference({
      ...{ cooperation, folder, claim, signal },
      publish: async (to) => {
        await new Promise<void>((resolve) => clock.after(listingMs, resolve));
        await publishReference(folder, {
          ...{ ...to, filters: undefined, name: undefined, random: this.#random },
          directories: new MirrorDirectories(source, abilities, to.signal),
          word: { url: source.url, tells, timeStep, generation },
          tell: () => undefined,
        });
        if (!cooperation.candidacy.hasReference) return;
        this.#world.published.push({ name: this.name, at: clock.now() });
      },
    });
    return found !== undefined;
  }

  async #work(cooperation: Cooperation, folder: JobFolder, clock: Clock): Promise<boolean> {
    for (;;) {
      const turn = await cooperation.turn();
      if (turn.kind === "vanished") {
        cooperation.leave(false);
        return false;
      }
      if (turn.kind === "done") {
        cooperation.leave(true);
        this.end = "done";
        this.endedAt = this.#world.clock.now();
        return true;
      }
      const { claim } = turn;
      const { policy } = this.#world;
      if (policy !== undefined && !(await this.#settle(cooperation, folder, claim, clock)))
        continue;
      const found = await this.#conduct(cooperation, folder, { clock, term: claim.turn }, () =>
        cooperation.conducts(claim),
      );
      if (found === undefined || !cooperation.conducts(claim)) continue;
      this.conducted = found;
      folder.finish("0");
    }
  }

  /** Orders everything, and waits until it is there; undefined = somebody else conducts. */
  #conduct(
    cooperation: Cooperation,
    folder: JobFolder,
    { clock, term }: { readonly clock: Clock; readonly term: number },
    conducts: () => boolean,
  ): Promise<Map<string, Uint8Array | string> | undefined> {
    const found = new Map<string, Uint8Array | string>();
    return new Promise((resolve) => {
      const puller = new SharedPuller({
        ...{ board: cooperation.board, folder, clock, term, reference: "none", digest: undefined },
        random: this.#random,
        lied: () => undefined,
        failed: (error) => cooperation.stop(error),
      });
      const stopLooking = cooperation.onLook(() => {
        const isLost = cooperation.trouble !== undefined || !conducts();
        if (!isLost) puller.look();
        if (!isLost && found.size < this.#world.entries.size) return;
        stopLooking();
        puller.stop();
        resolve(isLost ? undefined : found);
      });
      for (const [path, entry] of this.#world.entries)
        this.#order(path, entry, { puller, folder, found });
    });
  }

  #order(
    path: string,
    entry: ListedEntry,
    {
      puller,
      folder,
      found,
    }: { puller: SharedPuller; folder: JobFolder; found: Map<string, Uint8Array | string> },
  ): void {
    const { size = 0 } = entry;
    const bytes = new Uint8Array(size);
    const isLarge = size > 1_000_000;
    const part = new SharedPart(
      folder,
      orderOf([orderedFile(path, entry)], (what) => puller.keyOf(what)),
      puller,
    );
    const memory = {
      write: (position: number, from: Uint8Array) => bytes.set(from, position),
      read: (position: number, into: Uint8Array) => {
        into.set(bytes.subarray(position, position + into.length));
        return true;
      },
    };
    puller.add({
      ...{ path, entry, size, store: isLarge ? part : memory },
      kept: [],
      proven: () => undefined,
      ended: (why) => {
        const isThere = !isLarge || why !== undefined || part.read(0, bytes);
        found.set(path, why ?? (isThere ? bytes : "it cannot be read"));
        if (isLarge) queueMicrotask(() => part.close(why === undefined));
      },
    });
  }
}
