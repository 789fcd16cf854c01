// What a connection of ours does next: a run of pieces that nobody is at, as long as our rate says; or, when there is none,
// the end of what somebody has who would be through later than we would.

import type { ByteString } from "../../base/index.ts";
import type { Board } from "./board.ts";
import type { Claim, Claims, Holder } from "./claims.ts";
import type { Piece } from "./order-record.ts";
import { type OrderState, pieceState } from "./order-state.ts";

/** A piece that is ours for now. */
export interface ClaimedPiece extends Piece {
  readonly index: number;
  readonly claim: Claim;
}

/** Pieces of one order, one behind the other or nearly so. */
export interface ChosenRun {
  readonly order: OrderState;
  readonly pieces: readonly ClaimedPiece[];
}

/** How fast our source is. */
export interface OwnPace {
  /** Bytes a second, all connections together. */
  readonly rate: number;
  readonly isMeasured: boolean;
  /** Seconds to the first byte. */
  readonly latency: number;
  readonly connections: number;
  /** Files that one connection asks for before the first has come. */
  readonly depth: number;
  /** It can begin anywhere in a file. */
  readonly ranges: boolean;
}

/** As dealing among sources has it: a run takes about so long, and what is left is dealt out in so many turns. */
const runSeconds = 2;
const turnsLeft = 2;
const runBytesMax = 64 * 1024 * 1024;
const refreshSeconds = 0.5;
/** What others leave, although they could do it sooner, is done after all. */
const patienceSeconds = 2;
/** Whoever has not told for so long how it goes on may not. */
const silentSeconds = 2;
/** Whoever takes over must be faster by this factor. */
const takeOverGain = 1.25;

/** Chooses. */
export class RunChooser {
  readonly #board: Board;
  readonly #claims: Claims;
  readonly #self: ByteString;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  /** Orders that were left to others, with how much of them was missing and since when. */
  readonly #leftSince = new WeakMap<OrderState, { readonly left: number; readonly at: number }>();

  constructor(board: Board, claims: Claims) {
    this.#board = board;
    this.#claims = claims;
    this.#self = board.self.name;
  }

  /** Claims a run; undefined = nothing would be of use, now. Throws FsError. */
  choose(pace: OwnPace): ChosenRun | undefined {
    const others = this.#board.living().filter(({ name }) => name !== this.#self);
    const { left } = this.#board;
    for (const order of this.#board.orders.values()) {
      const first = order.left === 0 ? -1 : this.#firstOpen(order);
      if (first < 0) continue;
      const able = others.filter(({ name }) => !isBeyond(name, order, first));
      const rates = able.reduce((sum, { rate }) => sum + rate, pace.rate);
      const isFastest = able.every(({ rate }) => rate <= pace.rate);
      const seconds = pace.latency + (lengthOf(order, first) * pace.connections) / pace.rate;
      // Before it had brought one piece, the others would be through with everything; if they come to it.
      if (!isFastest && seconds >= left / rates && !this.#isLeftAlone(order)) continue;
      const share = (left * pace.rate) / rates / turnsLeft;
      const wanted = Math.min(runSeconds * pace.rate, share) / pace.connections;
      const bytes = pace.isMeasured ? Math.min(wanted, runBytesMax) : 1;
      const pieces = this.#claimOpen(order, pace, bytes);
      if (pieces.length > 0) return { order, pieces };
    }
    if (this.#refresh()) return this.choose(pace);
    return this.#takeOver(pace);
  }

  /** Looks at who is at what: it changes hands, and then somebody is gone of whom we did not know. Says whether something is open. */
  #refresh(): boolean {
    const { now } = this.#board;
    if (now - this.#refreshedAt < refreshSeconds) return false;
    this.#refreshedAt = now;
    let isOpen = false;
    for (const order of this.#board.orders.values()) {
      for (const [index, state] of order.states.entries()) {
        if (state !== pieceState.held || order.holders[index]?.owner === this.#self) continue;
        const name = claimName(order, index);
        const holder = this.#claims.holder(name);
        if (holder !== undefined && !this.#board.isVoid(name, holder)) order.hold(index, holder);
        else {
          order.free(index);
          isOpen = true;
        }
      }
    }
    return isOpen;
  }

  /** Says whether an order has been left to others for too long. */
  #isLeftAlone(order: OrderState): boolean {
    const { now } = this.#board;
    const since = this.#leftSince.get(order) ?? { left: order.left, at: now };
    const isSame = since.left === order.left;
    this.#leftSince.set(order, isSame ? since : { left: order.left, at: now });
    return isSame && now - since.at > patienceSeconds;
  }

  #firstOpen(order: OrderState): number {
    return order.states.findIndex((state, index) => {
      return state === pieceState.open && !isBeyond(this.#self, order, index);
    });
  }

  #claimOpen(order: OrderState, pace: OwnPace, bytes: number): ClaimedPiece[] {
    const pieces: ClaimedPiece[] = [];
    const fileCost = (pace.latency * pace.rate) / (pace.connections * pace.depth);
    const isWhole = !pace.ranges && order.record.files.length === 1;
    if (isWhole && order.states[0] !== pieceState.open) return pieces;
    let open = isWhole ? order.size : bytes;
    for (const [index, state] of order.states.entries()) {
      const isOpen = state === pieceState.open && !isBeyond(this.#self, order, index);
      const claimed = isOpen ? this.#claim(order, index, pace) : undefined;
      if (claimed === undefined) {
        if (pieces.length > 0) break;
        continue;
      }
      pieces.push(claimed);
      open -= claimed.to - claimed.from + (claimed.last - claimed.first) * fileCost;
      if (open <= 0) break;
    }
    return pieces;
  }

  #claim(
    order: OrderState,
    index: number,
    { rate }: OwnPace,
    from?: Holder,
  ): ClaimedPiece | undefined {
    const name = claimName(order, index);
    const attempt = this.#claims.take(name, rate, (holder) => {
      if (this.#board.isVoid(name, holder)) return true;
      return holder.owner === from?.owner && holder.turn === from.turn;
    });
    if (attempt.kind === "held") {
      order.hold(index, attempt.holder);
      return undefined;
    }
    const { claim } = attempt;
    order.hold(index, { owner: this.#self, turn: claim.turn, rate });
    return { ...(order.pieces[index] as Piece), index, claim };
  }

  /** Takes so much of the end of somebody's work that both are through at the same time. */
  #takeOver(pace: OwnPace): ChosenRun | undefined {
    const victims = this.#victims(pace.ranges);
    let slowest: { order: OrderState; indices: number[]; eta: number; rate: number } | undefined;
    for (const [owner, { order, indices, bytes }] of victims) {
      const { rate, eta } = this.#expected(owner, bytes);
      if (slowest === undefined || eta > slowest.eta) slowest = { order, indices, eta, rate };
    }
    if (slowest === undefined) return undefined;
    const { order, indices, eta, rate } = slowest;
    const own = pace.rate / pace.connections;
    const lengths = indices.map((i) => lengthOf(order, i));
    const last = lengths.at(-1) as number;
    if (takeOverGain * (pace.latency + last / own) >= eta) return undefined;
    const wanted = (lengths.reduce((sum, length) => sum + length, 0) * own) / (own + rate);
    const pieces: ClaimedPiece[] = [];
    let taken = 0;
    for (let n = indices.length - 1; n >= 0; n--) {
      taken += lengths[n] as number;
      if (pieces.length > 0 && taken > wanted) break;
      const index = indices[n] as number;
      const claimed = this.#claim(order, index, pace, order.holders[index]);
      if (claimed === undefined) break;
      pieces.unshift(claimed);
    }
    return pieces.length === 0 ? undefined : { order, pieces };
  }

  /** What others are at, and we could do: of each the order that was begun last. */
  #victims(
    ranges: boolean,
  ): Map<ByteString, { order: OrderState; indices: number[]; bytes: number }> {
    const victims = new Map<ByteString, { order: OrderState; indices: number[]; bytes: number }>();
    for (const order of this.#board.orders.values()) {
      if (order.left === 0 || (!ranges && order.record.files.length === 1)) continue;
      for (const [index, holder] of order.holders.entries()) {
        const owner = holder?.owner;
        if (owner === undefined || owner === this.#self) continue;
        if (isBeyond(this.#self, order, index)) continue;
        const known = victims.get(owner);
        const indices = known?.order === order ? known.indices : [];
        indices.push(index);
        const bytes = (known?.bytes ?? 0) + lengthOf(order, index);
        victims.set(owner, { order, indices, bytes });
      }
    }
    return victims;
  }

  /** When a member will be through with what it is at: it has told how much is left, if it is at it at all. */
  #expected(owner: ByteString, bytes: number): { readonly rate: number; readonly eta: number } {
    const { rate = 0, left = 0, pulsedAt = 0 } = this.#board.members.get(owner) ?? {};
    const age = this.#board.now - pulsedAt;
    if (rate <= 0 || age > silentSeconds) return { rate: 0, eta: Number.POSITIVE_INFINITY };
    return { rate, eta: left === 0 ? bytes / rate : Math.min(bytes, left) / rate - age };
  }
}

/** The source of a member lacks all of a piece that is missing. */
function isBeyond(member: ByteString, order: OrderState, index: number): boolean {
  if (!order.facts.lacks.has(member)) return false;
  return order.missing(index).every(({ from, to }) => order.facts.isLacking(member, from, to));
}

/** Returns the name of the claim to a piece. */
export function claimName({ record }: OrderState, index: number): ByteString {
  return `${record.key}-${index}`;
}

function lengthOf({ pieces }: OrderState, index: number): number {
  const { from, to } = pieces[index] as Piece;
  return to - from;
}
