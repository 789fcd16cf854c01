// The chunks of all files that were seen on the target: lanes cut them, a few tasks at a time, and an index says which
// file has which. Memory: the index's, and 16 bytes for each directory.

import { assert } from "../../base/index.ts";
import { ChunkIndex, ChunkList, type FoundRange } from "../../delta/index.ts";
import { type Candidates, fileOfBlock } from "../../pipeline/index.ts";
import type { CutResult, CutTask } from "../tasks/content-index-tasks.ts";
import type { MoveBasis } from "../tasks/move-tasks.ts";

/** Files of one task: so many bytes of them, about, and no more than so many. */
const taskBytes = 16 * 1024 * 1024;
const taskFilesMax = 4096;
const costBytes = 65_536;

/** What this needs. */
export interface TargetChunksContext {
  readonly seen: Candidates;
  /** The normal size of a chunk is 2^bits. */
  readonly bits: number;
  /** More are not kept. */
  readonly chunksMax: number;
  readonly submit: (task: CutTask, cost: number) => void;
  /** Tasks that are out at a time. */
  readonly tasksMax: () => number;
}

/** Collects them, and finds what was collected. */
export class TargetChunks {
  readonly #context: TargetChunksContext;
  readonly #index: ChunkIndex;
  /** Where the blocks of files are, and how many files come before each. */
  readonly #places: number[] = [];
  readonly #firsts: number[] = [];
  #nextBlock = 0;
  #nextTask = 0;
  /** The first file of each task that is out. */
  readonly #out = new Map<number, number>();
  #then: (() => void) | undefined;

  constructor(context: TargetChunksContext) {
    this.#context = context;
    this.#index = new ChunkIndex(context.chunksMax);
    let files = 0;
    context.seen.visit((cursor, place) => {
      this.#places.push(place);
      this.#firsts.push(files);
      files += cursor.count;
    });
  }

  /** Has all files cut; then calls `then`. */
  collect(then: () => void): void {
    this.#then = then;
    this.#goOn();
  }

  #goOn(): void {
    while (this.#nextBlock < this.#places.length && this.#out.size < this.#context.tasksMax()) {
      this.#submitNext();
    }
    if (this.#out.size > 0) return;
    this.#then?.();
    this.#then = undefined;
  }

  #submitNext(): void {
    const { seen, bits, submit } = this.#context;
    const id = this.#nextTask++;
    this.#out.set(id, this.#firsts[this.#nextBlock] as number);
    const blocks: Uint8Array[] = [];
    let [bytes, files] = [0, 0];
    while (this.#nextBlock < this.#places.length && bytes < taskBytes && files < taskFilesMax) {
      const cursor = seen.open(this.#places[this.#nextBlock++] as number);
      blocks.push(cursor.bytes.slice(cursor.start, cursor.start + cursor.length));
      for (let k = 0; k < cursor.count; k++) bytes += cursor.sizes[cursor.sizeAt + k] as number;
      files += cursor.count;
    }
    const packed = Uint8Array.from(Buffer.concat(blocks));
    submit({ kind: "cut", id, files: packed, bits }, files + Math.ceil(bytes / costBytes));
  }

  /** A lane has cut files. */
  receive({ id, counts, chunks }: CutResult): void {
    const first = this.#out.get(id);
    assert(first !== undefined, "A lane cuts what it was given.");
    this.#out.delete(id);
    const list = ChunkList.thaw(chunks);
    let at = 0;
    for (const [k, count] of counts.entries()) {
      if (count > 0) this.#index.add(first + k, list, { first: at, count });
      at += count;
    }
    this.#goOn();
  }

  /** Yields the parts of a wanted file that some files have. */
  find(list: ChunkList): Iterable<FoundRange> {
    return this.#index.find(list);
  }

  /** Returns the file that has this number. */
  file(number: number): MoveBasis {
    let [low, high] = [0, this.#firsts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#firsts[middle] as number) <= number) low = middle;
      else high = middle;
    }
    const cursor = this.#context.seen.open(this.#places[low] as number);
    const file = fileOfBlock(cursor, number - (this.#firsts[low] as number));
    return { ...file, same: "name", becomes: false };
  }
}
