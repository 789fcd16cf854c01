// --checksum of large files: each is compared in pieces by all lanes, until one of them differs or
// all are equal; where digests are kept, each by one lane, since a digest is of the whole. What is equal needs attributes at most; what is not is written like any large file.

import type { ApplyTask } from "../tasks/apply-task.ts";
import type { LargeCompareResult, LargeCompareTask } from "../tasks/large-file-tasks.ts";

/** Short enough to hear a signal, long enough to cost nothing. */
const pieceBytes = 32 * 1024 * 1024;
/** Pieces of one file, and of all, that are given out at a time. */
const piecesOut = 4;
const filesOut = 2;
/** Two files are read: a unit of cost is the time for copying as much. */
const costBytes = 65536;

/** What comparing needs. */
export interface LargeComparisonsContext {
  readonly submit: (task: LargeCompareTask, cost: number) => void;
  readonly isStopped: () => boolean;
  /** Each is read by one lane, which digests it. */
  readonly inOnePiece: boolean;
  /** A file has been compared. */
  readonly compared: (task: ApplyTask, equal: boolean) => void;
}

interface UnderWay {
  readonly task: ApplyTask;
  readonly size: number;
  next: number;
  out: number;
  equal: boolean;
}

/** Shares comparisons out. */
export class LargeComparisons {
  readonly #context: LargeComparisonsContext;
  readonly #waiting: UnderWay[] = [];
  readonly #open = new Map<string, UnderWay>();

  constructor(context: LargeComparisonsContext) {
    this.#context = context;
  }

  /** Takes a task whose one entry, of that size, is to be compared first. */
  add(task: ApplyTask, size: number): void {
    this.#waiting.push({ task, size, next: 0, out: 0, equal: true });
    this.#beginNext();
  }

  /** A lane compared a piece. */
  receive({ node, from, equal }: LargeCompareResult): void {
    const under = this.#open.get(`${node}:${from}`);
    if (under === undefined) return;
    under.out--;
    under.equal &&= equal;
    this.#goOn(under);
  }

  #beginNext(): void {
    while (this.#open.size < filesOut && !this.#context.isStopped()) {
      const under = this.#waiting.shift();
      if (under === undefined) return;
      this.#open.set(`${under.task.node}:${under.task.from}`, under);
      this.#goOn(under);
    }
  }

  #goOn(under: UnderWay): void {
    const { task, size } = under;
    const { inOnePiece } = this.#context;
    const isStopped = this.#context.isStopped();
    while (under.equal && !isStopped && under.out < piecesOut && under.next < size) {
      const position = under.next;
      const length = inOnePiece ? size : Math.min(pieceBytes, size - position);
      under.next += length;
      under.out++;
      const cost = Math.ceil(length / costBytes);
      this.#context.submit({ ...task, kind: "large-compare", position, length }, cost);
    }
    if (under.out > 0) return;
    this.#open.delete(`${task.node}:${task.from}`);
    if (!isStopped) this.#context.compared(task, under.equal);
    this.#beginNext();
  }
}
