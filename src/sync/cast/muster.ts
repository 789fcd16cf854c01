// The targets of a cast on their way in: who is there, who may still come, who comes back. Knows nothing of
// what they are sent.

import { type Clock, ManifoldError } from "../../base/index.ts";
import type { CastTarget } from "../../options/index.ts";
import type { TargetLink } from "./target-link.ts";

/** How long targets have where nobody says it: who starts a shell may have to type a password. */
const windowMs = 5000;
const shellWindowMs = 60_000;
/** Between two tries. */
const retryMs = 500;
const lookMs = 50;

/** Somebody begins to be reached; `told` resolves when it has said what it has, or has failed. */
export interface Reached {
  readonly link: TargetLink;
  readonly told: Promise<void>;
}

/** What it works with. */
export interface MusterGround {
  readonly clock: Clock;
  /** Undefined = the usual. */
  readonly windowMs: number | undefined;
  /** Targets that are expected to come by themselves. */
  readonly visitors: number;
  /** Begins to reach a target. */
  reach(target: CastTarget, id: number): Reached;
  /** The user is being asked about a target. */
  isHeldUp(): boolean;
  /** A target has said what it has. */
  arrived(link: TargetLink): void;
  /** Something has changed. */
  moved(): void;
}

interface Slot {
  /** Undefined = it comes by itself. */
  readonly target: CastTarget | undefined;
  /** A visitor's. */
  readonly visitor: string | undefined;
  /** It has come back, and whoever waits for that is to hear of it. */
  back: Reached | undefined;
  returned: () => void;
  readonly windowMs: number;
  link: TargetLink;
  /** It has said what it has. */
  isThere: boolean;
  /** Nothing more is to be hoped for. */
  isOver: boolean;
  /** Since when it is waited for. */
  since: number;
  /** Since when it is being reached; undefined = it is not, at the moment. */
  triedAt: number | undefined;
}

/** Such targets. */
export class Muster {
  readonly #ground: MusterGround;
  readonly #began: number;
  readonly #slots: Slot[] = [];
  #stopLooking: () => void = () => undefined;
  #gathered: () => void = () => undefined;
  #ids = 0;
  /** When the user was asked something last. */
  #heldUntil = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(targets: readonly CastTarget[], ground: MusterGround) {
    this.#ground = ground;
    this.#began = ground.clock.now();
    for (const target of targets) {
      const usual = target.far.kind === "shell" ? shellWindowMs : windowMs;
      this.#begin({ target, visitor: undefined, windowMs: usual }, this.#reach(target));
    }
  }

  /**
   * Takes in a target that has come by itself; undefined = it has had everything.
   * @param id The same when it comes back, and known to nobody else.
   * @param reach Begins to talk to it.
   */
  admit(id: string, reach: (number: number) => Reached): TargetLink | undefined {
    const known = this.#slots.find(({ visitor }) => visitor === id);
    if (known !== undefined) {
      // Its old connection is no more, whether or not that was heard of.
      known.link.fail(new ManifoldError("connection-lost", "it began anew"));
      if (known.isOver || known.link.failure === undefined) return undefined;
    }
    const reached = reach(this.#ids++);
    if (known !== undefined) {
      known.back = reached;
      known.returned();
    } else this.#begin({ target: undefined, visitor: id, windowMs }, reached);
    return reached.link;
  }

  #begin(
    { windowMs: usual, ...whom }: Pick<Slot, "target" | "visitor" | "windowMs">,
    { link, told }: Reached,
  ): void {
    const now = this.#ground.clock.now();
    const slot: Slot = {
      ...{ ...whom, link, windowMs: this.#ground.windowMs ?? usual },
      ...{ isThere: false, isOver: false, since: now, triedAt: now },
      ...{ back: undefined, returned: () => undefined },
    };
    this.#slots.push(slot);
    void this.#follow(slot, told);
  }

  /** Targets that were expected to come by themselves, and have not. */
  get absent(): number {
    const came = this.#slots.filter(({ visitor }) => visitor !== undefined).length;
    return Math.max(0, this.#ground.visitors - came);
  }

  /** They may still be in time. */
  get #expects(): boolean {
    const limit = this.#ground.windowMs ?? windowMs;
    return this.absent > 0 && this.#ground.clock.now() - this.#began < limit;
  }

  /** The latest link with each target, in their order. */
  get links(): readonly TargetLink[] {
    return this.#slots.map(({ link }) => link);
  }

  /** No target has anything more to do. */
  get isOver(): boolean {
    return !this.#expects && this.#slots.every(({ isOver }) => isOver);
  }

  /** Every target has everything, or will have nothing more. */
  get isSettled(): boolean {
    return !this.#expects && this.#slots.every(({ isOver, link }) => isOver || link.isStaged);
  }

  /** Resolves when all targets are there or not to be hoped for. */
  gathered(): Promise<void> {
    return new Promise((resolve) => {
      this.#gathered = resolve;
      this.#look();
    });
  }

  /** Nobody is tried again. */
  close(): void {
    this.#isClosed = true;
    this.#stopLooking();
    this.#gathered();
  }

  #reach(target: CastTarget): Reached {
    return this.#ground.reach(target, this.#ids++);
  }

  /** Sees a target to its end, as often as it comes back. */
  async #follow(slot: Slot, first: Promise<void>): Promise<void> {
    for (let told = first; ; ) {
      await told;
      const { link } = slot;
      slot.triedAt = undefined;
      if (!link.isOver) {
        slot.isThere = true;
        this.#ground.arrived(link);
      }
      this.#look();
      await link.ended;
      if (slot.isThere) slot.since = this.#ground.clock.now();
      slot.isThere = false;
      if (!mayComeBack(slot)) break;
      const again = await this.#again(slot);
      if (again === undefined) break;
      slot.link = again.link;
      slot.triedAt = this.#ground.clock.now();
      told = again.told;
    }
    slot.isOver = true;
    this.#look();
    this.#ground.moved();
  }

  /** Reaches a target once more, or waits for it to come back; undefined = there is no hope. */
  async #again(slot: Slot): Promise<Reached | undefined> {
    const { clock } = this.#ground;
    for (;;) {
      if (slot.back === undefined) {
        await new Promise<void>((resolve) => {
          slot.returned = resolve;
          clock.after(retryMs, resolve);
        });
      }
      const { back } = slot;
      slot.back = undefined;
      if (back !== undefined) return back;
      if (!this.#hopesFor(slot)) return undefined;
      if (slot.target !== undefined) return this.#reach(slot.target);
    }
  }

  /** While others are at it anyway, whoever comes costs them nothing. */
  #hopesFor(slot: Slot): boolean {
    const isLate = this.#ground.clock.now() - slot.since >= slot.windowMs;
    return !this.#isClosed && (!isLate || this.#slots.some(isBusy));
  }

  #look(): void {
    this.#stopLooking();
    if (this.#isClosed) return;
    const { clock } = this.#ground;
    if (this.#ground.isHeldUp()) this.#heldUntil = clock.now();
    if (!this.#expects && this.#slots.every((slot) => !this.#isAwaited(slot))) this.#gathered();
    for (const slot of this.#slots) {
      const { link, windowMs: limit } = slot;
      if (slot.isOver || slot.isThere || this.#isAwaited(slot) || this.#slots.some(isBusy))
        continue;
      const message = `it did not come within ${limit / 1000} seconds`;
      link.fail(new ManifoldError("connect-timeout", message));
    }
    this.#stopLooking = clock.after(lookMs, () => this.#look());
  }

  /** It is not there and may come any moment: it is in time, or is being reached, or tells what it has. */
  #isAwaited({ isOver, isThere, since, link, windowMs: limit, triedAt }: Slot): boolean {
    if (isOver || isThere) return false;
    const now = this.#ground.clock.now();
    if (now - Math.max(since, this.#heldUntil) < limit) return true;
    return triedAt !== undefined && now - (link.heardAt ?? triedAt) < Math.max(limit, windowMs);
  }
}

function isBusy({ isThere, link }: Slot): boolean {
  return isThere && !link.isOver && !link.isStaged;
}

/** A catcher may be started any moment, or again; what a shell said stands. */
function mayComeBack({ target, link: { failure } }: Slot): boolean {
  const mends = failure?.code === "socket-io" || failure?.code === "connection-lost";
  return mends && (target === undefined || target.far.kind === "manifold-daemon");
}
