// One process's part in a job: it looks at the board again and again, brings what is wanted, shows that it lives, and finds out when
// there is nobody who conducts.

import type { ByteString, Clock, Random } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import type { PullSource, SourceStatus } from "../../source/index.ts";
import { Board } from "./board.ts";
import { Candidacy, type ReferenceChoice } from "./candidacy.ts";
import type { Claim } from "./claims.ts";
import { Fetcher } from "./fetcher.ts";
import type { JobFolder } from "./job-folder.ts";
import { publishedReference } from "./reference.ts";

/** What it needs. */
export interface CooperationSettings {
  readonly folder: JobFolder;
  readonly self: ByteString;
  readonly pull: PullSource;
  /** The source's URL, as others see it. */
  readonly url: ByteString;
  readonly clock: Clock;
  readonly random: Random;
  /** Says whether a process is certainly gone. */
  readonly isGone: (member: ByteString) => boolean;
  /** Who is to say what the tree is; undefined = whoever comes first, or this part never conducts. */
  readonly choice?: ReferenceChoice | undefined;
}

/** How a job goes on for a process. */
export type Turn =
  /** It is for this process to conduct. */
  | { readonly kind: "conduct"; readonly claim: Claim }
  | { readonly kind: "done"; readonly outcome: ByteString }
  /** The folder is gone, or another one counts. */
  | { readonly kind: "vanished" };

const lookMs = 20;
const pulseSeconds = 0.5;
const conductorClaim = "conductor";

/** Such a part. */
export class Cooperation {
  readonly board: Board;
  readonly #settings: CooperationSettings;
  readonly #fetcher: Fetcher;
  readonly #looks = new Set<() => void>();
  #stopTimer: (() => void) | undefined;
  #pulsedAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #isVanished = false;
  #hasLeft = false;
  #waiting: (() => void) | undefined;
  #files = 0;
  readonly #counted = new Set<string>();
  readonly candidacy: Candidacy;

  /** Takes part. Throws FsError. */
  constructor(settings: CooperationSettings) {
    this.#settings = settings;
    const { folder, self, clock, random, isGone, pull, url, choice } = settings;
    this.board = new Board({ folder, self, clock, isGone });
    this.#fetcher = new Fetcher({
      ...{ pull, folder, clock, random, board: this.board },
      timeSlack: () => this.#timeSlack(),
      freed: () => this.#schedule(0),
      failed: (error) => this.#failed(error),
    });
    this.board.say({ is: "source", url });
    this.candidacy = new Candidacy(this.board, folder, choice);
    this.#schedule();
  }

  /** Calls back after each look at the board, until the function that is returned is called. */
  onLook(look: () => void): () => void {
    this.#looks.add(look);
    return () => this.#looks.delete(look);
  }

  /** How this process's source is doing. */
  get status(): SourceStatus {
    return { ...this.#fetcher.status, files: this.#files };
  }

  /** Waits until there is something to decide. Rejects with what keeps this process from going on. */
  async turn(): Promise<Turn> {
    const { folder } = this.#settings;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      try {
        const { outcome } = folder;
        if (outcome !== undefined) return { kind: "done", outcome };
        if (this.#isVanished) return { kind: "vanished" };
        const claim = this.#tryConduct();
        if (claim !== undefined) return { kind: "conduct", claim };
      } catch (error) {
        this.#failed(error);
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  /** Says whether this process still conducts. Throws FsError. */
  conducts(claim: Claim): boolean {
    return !this.#isVanished && this.#settings.folder.claims.holds(claim);
  }

  /** Lets the conductor's place go. Throws FsError. */
  resign(claim: Claim): void {
    this.board.say({ is: "freed", claim: conductorClaim, turn: claim.turn });
  }

  /** Stops at once; turn() then throws the error. */
  stop(error: unknown): void {
    this.#failed(error);
  }

  /** Takes no part any more. `isDone`: nobody needs the folder, if nobody else is left in it. Throws FsError. */
  leave(isDone: boolean): void {
    this.#hasLeft = true;
    this.#stopTimer?.();
    this.#fetcher.stop();
    const { folder } = this.#settings;
    folder.leave(this.#isLast() && (isDone || !folder.hasContent()));
  }

  #isLast(): boolean {
    try {
      this.board.say({ is: "gone" });
      this.board.poll(true);
      return this.board.living().length === 1;
    } catch (error) {
      // Nobody needs what is not there.
      if (isAbsence(error)) return false;
      throw error;
    }
  }

  #tryConduct(): Claim | undefined {
    if (!this.candidacy.mayConduct) return undefined;
    const { claims } = this.#settings.folder;
    const { rate } = this.#fetcher.pulse;
    const attempt = claims.take(conductorClaim, rate, (holder) =>
      this.board.isVoid(conductorClaim, holder),
    );
    return attempt.kind === "taken" ? attempt.claim : undefined;
  }

  /** Looks again after so long, and not before. */
  #schedule(delayMs = lookMs): void {
    this.#stopTimer?.();
    if (this.#hasLeft) return;
    this.#stopTimer = this.#settings.clock.after(delayMs, () => {
      this.#look();
      if (this.#failure === undefined && !this.#isVanished) this.#schedule();
    });
  }

  #look(): void {
    try {
      this.board.poll();
      this.#fetcher.go();
      this.#pulse();
      this.#countFiles();
      for (const look of this.#looks) look();
    } catch (error) {
      this.#failed(error);
    }
    this.#waiting?.();
  }

  #pulse(): void {
    const { now } = this.board;
    if (now - this.#pulsedAt < pulseSeconds) return;
    this.#pulsedAt = now;
    this.board.say({ is: "pulse", ...this.#fetcher.pulse });
    if (!this.#settings.folder.isCurrent()) this.#vanish();
  }

  /** Files that have come count for whoever brought most of them. */
  #countFiles(): void {
    const { name } = this.board.self;
    for (const [key, { left, facts, record }] of this.board.orders) {
      if (left > 0 || this.#counted.has(key)) continue;
      this.#counted.add(key);
      const bytes = new Map<ByteString, number>();
      for (const { member, from, to, isRefused } of facts.brought) {
        if (!isRefused) bytes.set(member, (bytes.get(member) ?? 0) + to - from);
      }
      const [most] = [...bytes].sort(([, a], [, b]) => b - a);
      if (most?.[0] === name) this.#files += record.files.length;
    }
  }

  /** Times may differ by as much as both sources tell them inexactly; whose listing it is has the files that it lists. */
  #timeSlack(): number | undefined {
    const { folder, url, pull } = this.#settings;
    const reference = publishedReference(folder);
    const { timeStep } = pull.abilities;
    if (timeStep === undefined) return reference?.url === url ? 0 : undefined;
    return timeStep + (reference?.timeStep ?? 0);
  }

  #failed(error: unknown): void {
    if (isAbsence(error)) this.#vanish();
    else this.#failure ??= error;
    this.#fetcher.stop();
    this.#waiting?.();
    for (const look of this.#looks) look();
  }

  #vanish(): void {
    this.#isVanished = true;
    this.#fetcher.stop();
    this.#waiting?.();
  }

  /** What keeps this process from going on; undefined = nothing. */
  get trouble(): "vanished" | { readonly error: unknown } | undefined {
    if (this.#isVanished) return "vanished";
    return this.#failure === undefined ? undefined : { error: this.#failure };
  }
}

/** Says whether what should be there is not: the folder has gone. */
export function isAbsence(error: unknown): boolean {
  return error instanceof FsError && (error.code === "ENOENT" || error.code === "ESTALE");
}
