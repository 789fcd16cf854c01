// Parts of files, the longest first: a binary heap.

import type { Part } from "./assignment.ts";

/** A queue of parts. */
export class LongestFirst {
  readonly #heap: Part[] = [];

  get count(): number {
    return this.#heap.length;
  }

  /** The longest part; undefined = there is none. */
  get longest(): Part | undefined {
    return this.#heap[0];
  }

  push(part: Part): void {
    const heap = this.#heap;
    let at = heap.push(part) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(part, heap[above] as Part)) break;
      heap[at] = heap[above] as Part;
      at = above;
    }
    heap[at] = part;
  }

  /** Removes the longest part. */
  shift(): void {
    const heap = this.#heap;
    const part = heap.pop();
    if (part === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Part, heap[below] as Part))
        below++;
      if (!isBefore(heap[below] as Part, part)) break;
      heap[at] = heap[below] as Part;
      at = below;
    }
    heap[at] = part;
  }
}

/** Of parts of the same length the file that was listed first comes first: the same input is dealt out the same way. */
function isBefore(a: Part, b: Part): boolean {
  const longer = a.to - a.from - (b.to - b.from);
  return longer === 0 ? a.file < b.file : longer > 0;
}
