// Which bytes of a file are there, and which source each of them came from.

/** Bytes `from` up to `to`, from one source. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly source: number;
}

/** Bytes `from` up to `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Such a record: segments in order that do not overlap. */
export class Segments {
  #all: Segment[] = [];

  /** In order. */
  get all(): readonly Segment[] {
    return this.#all;
  }

  /** The source of most of what is there. */
  mostBy(): number | undefined {
    const bytes = new Map<number, number>();
    for (const { from, to, source } of this.#all) {
      bytes.set(source, (bytes.get(source) ?? 0) + to - from);
    }
    return [...bytes].sort(([, a], [, b]) => b - a)[0]?.[0];
  }

  /** Returns what of a span is missing, in order. */
  missing(from: number, to: number): Span[] {
    const gaps: Span[] = [];
    let at = from;
    for (let i = this.#first(from); i < this.#all.length; i++) {
      const segment = this.#all[i] as Segment;
      if (segment.from >= to) break;
      if (segment.from > at) gaps.push({ from: at, to: segment.from });
      at = Math.max(at, segment.to);
    }
    if (at < to) gaps.push({ from: at, to });
    return gaps;
  }

  /** Says whether all of a span is there. */
  covers(from: number, to: number): boolean {
    return this.missing(from, to).length === 0;
  }

  /** Notes a span that was missing. Neighbours of one source become one. */
  add({ from, to, source }: Segment): void {
    const at = this.#first(from);
    const before = this.#all[at - 1];
    const after = this.#all[at];
    const joinsBefore = before?.to === from && before.source === source;
    const joinsAfter = after?.from === to && after.source === source;
    const start = joinsBefore ? before.from : from;
    const end = joinsAfter ? after.to : to;
    const first = joinsBefore ? at - 1 : at;
    const gone = (joinsBefore ? 1 : 0) + (joinsAfter ? 1 : 0);
    this.#all.splice(first, gone, { from: start, to: end, source });
  }

  /** Returns what of a span is there. */
  within(from: number, to: number): Segment[] {
    const found: Segment[] = [];
    for (let i = this.#first(from); i < this.#all.length; i++) {
      const segment = this.#all[i] as Segment;
      if (segment.from >= to) break;
      found.push({
        from: Math.max(from, segment.from),
        to: Math.min(to, segment.to),
        source: segment.source,
      });
    }
    return found;
  }

  /** Forgets a span. */
  remove(from: number, to: number): void {
    this.#all = this.#all.flatMap((segment) => {
      if (segment.to <= from || segment.from >= to) return [segment];
      const kept: Segment[] = [];
      if (segment.from < from) kept.push({ ...segment, to: from });
      if (segment.to > to) kept.push({ ...segment, from: to });
      return kept;
    });
  }

  /** The index of the first segment that ends behind a position. */
  #first(position: number): number {
    let low = 0;
    let high = this.#all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#all[middle] as Segment).to > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
