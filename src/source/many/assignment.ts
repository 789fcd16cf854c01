// What a connection of a source has been given to bring: parts of files, in order. It can become
// shorter while it is brought: its end is given to somebody else.

import { assert } from "../../base/index.ts";
import { pieceAlign } from "./limits.ts";

/** Bytes `from` up to `to` of a file. */
export interface Part {
  readonly file: number;
  readonly from: number;
  readonly to: number;
}

/** Work of one connection. */
export class Assignment {
  readonly number: number;
  readonly source: number;
  /** When it was given out, in seconds. */
  readonly since: number;
  #parts: Part[];
  #bytes: number;
  #arrived = 0;
  /** When bytes came last; `since` = none have. */
  lastAt: number;
  /** The other copy of the same bytes, while there are two. */
  twin: Assignment | undefined;
  /** It was begun as the second of them. */
  isHedge = false;
  isOver = false;

  constructor(number: number, source: number, parts: readonly Part[], now: number) {
    assert(parts.length > 0, "Work has at least one part.");
    this.number = number;
    this.source = source;
    this.since = now;
    this.lastAt = now;
    this.#parts = [...parts];
    this.#bytes = lengthOf(parts);
  }

  /** What is to be brought, in order; later parts may go, and the last one may become shorter, at any time. */
  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Length of all parts. */
  get bytes(): number {
    return this.#bytes;
  }

  get arrived(): number {
    return this.#arrived;
  }

  get left(): number {
    return this.#bytes - this.#arrived;
  }

  /** So many more bytes have come. What is past the end is not counted: it was cut off while it was on its way. */
  take(bytes: number, now: number): number {
    const taken = Math.min(bytes, this.left);
    this.#arrived += taken;
    this.lastAt = now;
    return taken;
  }

  /** The parts that have not come. */
  rest(): Part[] {
    return after(this.#parts, this.#arrived);
  }

  /**
   * Cuts off about the last `bytes`, and returns them; nothing that has come, no more than `bytes`, whole files only
   * where they are below `splitMin`.
   */
  cut(bytes: number, splitMin: number): Part[] {
    const gone: Part[] = [];
    let open = Math.min(bytes, this.left);
    const begun = this.#arrived;
    let end = this.#bytes;
    for (let last = this.#parts.at(-1); last !== undefined && open > 0; last = this.#parts.at(-1)) {
      const length = last.to - last.from;
      const isUntouched = end - length >= begun && (this.#parts.length > 1 || begun === 0);
      if (length <= open && isUntouched && this.#parts.length > 1) {
        gone.unshift(last);
        this.#parts.pop();
        open -= length;
        end -= length;
        continue;
      }
      if (length >= splitMin || last.from > 0) {
        const at = alignUp(last.to - open);
        if (at < last.to && at > last.from && end - (last.to - at) >= begun) {
          gone.unshift({ ...last, from: at });
          this.#parts[this.#parts.length - 1] = { ...last, to: at };
          end -= last.to - at;
        }
      }
      break;
    }
    this.#bytes = end;
    return gone;
  }
}

/** Returns the length of parts. */
export function lengthOf(parts: readonly Part[]): number {
  let bytes = 0;
  for (const { from, to } of parts) bytes += to - from;
  return bytes;
}

/** Returns what comes after the first `skipped` bytes of parts. */
export function after(parts: readonly Part[], skipped: number): Part[] {
  const rest: Part[] = [];
  let open = skipped;
  for (const part of parts) {
    const length = part.to - part.from;
    if (open >= length && length > 0) open -= length;
    else {
      rest.push(open === 0 ? part : { ...part, from: part.from + open });
      open = 0;
    }
  }
  return rest;
}

function alignUp(position: number): number {
  return Math.ceil(position / pieceAlign) * pieceAlign;
}
