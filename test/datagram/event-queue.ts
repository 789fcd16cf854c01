// Things that happen at times: a heap, in the order of their times, and of their making where those are equal.

interface Entry {
  readonly at: number;
  readonly number: number;
  readonly run: () => void;
}

/** Such a queue, and the time. */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #made = 0;
  now = 0;

  get length(): number {
    return this.#heap.length;
  }

  /** Has something happen at a time, or at once if that is over. */
  at(time: number, run: () => void): void {
    const heap = this.#heap;
    const entry = { at: Math.max(time, this.now), number: this.#made++, run };
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Entry;
      if (!isBefore(entry, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = entry;
  }

  /** Lets the next thing happen; false = there is none. */
  step(): boolean {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined) return false;
    if (heap.length > 0) {
      let place = 0;
      for (;;) {
        let below = 2 * place + 1;
        if (below >= heap.length) break;
        if (below + 1 < heap.length && isBefore(heap[below + 1] as Entry, heap[below] as Entry)) {
          below++;
        }
        const child = heap[below] as Entry;
        if (!isBefore(child, last)) break;
        heap[place] = child;
        place = below;
      }
      heap[place] = last;
    }
    this.now = first.at;
    first.run();
    return true;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.number < other.number);
}
