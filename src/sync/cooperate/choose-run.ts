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
/** Whoever takes over must be faster by this factor. */
const takeOverGain = 1.25;

/** Chooses. */
export class RunChooser {
  readonly #board: Board;
  readonly #claims: Claims;
  readonly #self: ByteString;

  constructor(board: Board, claims: Claims) {
    this.#board = board;
    this.#claims = claims;
    this.#self = board.self.name;
  }

  /** Claims a run; undefined = nothing would be of use, now. Throws FsError. */
  choose(pace: OwnPace): ChosenRun | undefined {
    const others = this.#board.living().filter(({ name }) => name !== this.#self);
    const rates = others.reduce((sum, { rate }) => sum + rate, pace.rate);
    const left = this.#board.left;
    const isFastest = others.every(({ rate }) => rate <= pace.rate);
    const share = (left * pace.rate) / rates;
    const wanted = Math.min(
      (runSeconds * pace.rate) / pace.connections,
      share / (turnsLeft * pace.connections),
      runBytesMax,
    );
    for (const order of this.#board.orders.values()) {
      const [first] = order.pieces;
      if (first === undefined || order.left === 0) continue;
      const seconds = pace.latency + ((first.to - first.from) * pace.connections) / pace.rate;
      // Before it had brought one piece, the others would be through with everything.
      if (!isFastest && seconds >= left / rates) continue;
      const pieces = this.#claimOpen(order, pace, pace.isMeasured ? wanted : 1);
      if (pieces.length > 0) return { order, pieces };
    }
    return this.#takeOver(pace);
  }

  #claimOpen(order: OrderState, pace: OwnPace, bytes: number): ClaimedPiece[] {
    const pieces: ClaimedPiece[] = [];
    const fileCost = (pace.latency * pace.rate) / (pace.connections * pace.depth);
    const isWhole = !pace.ranges && order.record.files.length === 1;
    if (isWhole && order.states[0] !== pieceState.open) return pieces;
    let open = isWhole ? order.size : bytes;
    for (const [index, state] of order.states.entries()) {
      const isOpen = state === pieceState.open && !this.#isBeyondUs(order, index);
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

  /** Our source lacks all of a piece that is missing. */
  #isBeyondUs(order: OrderState, index: number): boolean {
    if (!order.facts.lacks.has(this.#self)) return false;
    return order
      .missing(index)
      .every(({ from, to }) => order.facts.isLacking(this.#self, from, to));
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
      const member = this.#board.members.get(owner);
      const rate = member?.rate ?? 0;
      const left = Math.min(bytes, Math.max(1, member?.left ?? bytes));
      const eta = rate <= 0 ? Number.POSITIVE_INFINITY : left / rate - this.#age(owner);
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
        if (this.#isBeyondUs(order, index)) continue;
        const known = victims.get(owner);
        const indices = known?.order === order ? known.indices : [];
        indices.push(index);
        const bytes = (known?.bytes ?? 0) + lengthOf(order, index);
        victims.set(owner, { order, indices, bytes });
      }
    }
    return victims;
  }

  /** Seconds since a member told how much it has left. */
  #age(owner: ByteString): number {
    return this.#board.now - (this.#board.members.get(owner)?.pulsedAt ?? this.#board.now);
  }
}

/** Returns the name of the claim to a piece. */
export function claimName({ record }: OrderState, index: number): ByteString {
  return `${record.key}-${index}`;
}

function lengthOf({ pieces }: OrderState, index: number): number {
  const { from, to } = pieces[index] as Piece;
  return to - from;
}
