// What is known of one order: which bytes of it have come and who brought them, who cannot bring what, and who is at which piece.

import type { ByteString } from "../../base/index.ts";
import { Segments, type Span } from "../../source/index.ts";
import type { Holder } from "./claims.ts";
import { type OrderRecord, type Piece, piecesOf, startsOf } from "./order-record.ts";

/** What somebody says to have brought. */
export interface Brought extends Span {
  readonly member: ByteString;
  /** Where that stands in the member's file. */
  readonly at: number;
  readonly digest: string;
  isRefused: boolean;
}

/** Nobody is at it, as far as is known; somebody is; it is there. */
export const pieceState = { open: 0, held: 1, done: 2 } as const;

/** What members have said of an order, wanted or not. */
export class OrderFacts {
  readonly brought: Brought[] = [];
  readonly lacks = new Map<ByteString, Segments>();

  /** Says whether a member cannot bring any of a span. */
  isLacking(member: ByteString, from: number, to: number): boolean {
    return this.lacks.get(member)?.covers(from, to) === true;
  }

  /** Notes that a member cannot bring a span. */
  addLack(member: ByteString, from: number, to: number): void {
    const known = this.lacks.get(member) ?? new Segments();
    this.lacks.set(member, known);
    addTo(known, from, to);
  }
}

/** An order that is wanted. */
export class OrderState {
  readonly record: OrderRecord;
  /** Of which conductor it is. */
  term: number;
  readonly pieces: readonly Piece[];
  readonly starts: readonly number[];
  readonly facts: OrderFacts;
  readonly states: Uint8Array;
  readonly holders: (Holder | undefined)[] = [];
  #done = new Segments();
  #left: number;

  constructor(record: OrderRecord, term: number, facts: OrderFacts) {
    this.record = record;
    this.term = term;
    this.facts = facts;
    this.pieces = piecesOf(record);
    this.starts = startsOf(record);
    this.states = new Uint8Array(this.pieces.length);
    this.#left = this.size;
    this.recount();
  }

  /** Length of all contents. */
  get size(): number {
    return this.starts.at(-1) as number;
  }

  /** Bytes that have not come. */
  get left(): number {
    return this.#left;
  }

  /** Takes in what somebody has brought. */
  add(brought: Brought): void {
    if (brought.isRefused || brought.to > this.size) return;
    this.#left -= addTo(this.#done, brought.from, brought.to);
    this.#mark(brought.from, brought.to);
  }

  /** Looks at all facts anew: something has been refused. */
  recount(): void {
    this.#done = new Segments();
    this.#left = this.size;
    for (const [i, state] of this.states.entries()) {
      if (state === pieceState.done) this.free(i);
    }
    for (const brought of this.facts.brought) this.add(brought);
  }

  /** What of a piece is missing. */
  missing(index: number): Span[] {
    const { from, to } = this.pieces[index] as Piece;
    return this.#done.missing(from, to);
  }

  /** Somebody is at a piece. */
  hold(index: number, holder: Holder): void {
    if (this.states[index] === pieceState.done) return;
    this.states[index] = pieceState.held;
    this.holders[index] = holder;
  }

  /** Nobody is at a piece any more. */
  free(index: number): void {
    this.states[index] = pieceState.open;
    this.holders[index] = undefined;
  }

  #mark(from: number, to: number): void {
    for (let i = this.#pieceAt(from); i < this.pieces.length; i++) {
      const piece = this.pieces[i] as Piece;
      if (piece.from >= to) return;
      if (!this.#done.covers(piece.from, piece.to)) continue;
      this.states[i] = pieceState.done;
      this.holders[i] = undefined;
    }
  }

  #pieceAt(position: number): number {
    let low = 0;
    let high = this.pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.pieces[middle] as Piece).to > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Returns how many bytes were new. */
function addTo(segments: Segments, from: number, to: number): number {
  let fresh = 0;
  for (const gap of segments.missing(from, to)) {
    segments.add({ ...gap, source: 0 });
    fresh += gap.to - gap.from;
  }
  return fresh;
}
