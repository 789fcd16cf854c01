// Large files, each written in pieces by all lanes: begun, its basis signed if it has one, filled,
// finished. Few are open at a time, and each gives out only as many pieces as keep the lanes busy, so
// that a file of any size is a row of short tasks.

import { Orders, order } from "../../changeset/index.ts";
import {
  addCounts,
  type LargeBasis,
  type LargeFile,
  largePieceBytes,
  nothingMatched,
  type PieceCounts,
  type Pieces,
} from "../../pipeline/index.ts";
import { Directory } from "../../tree/index.ts";
import type { ApplyTask } from "../tasks/apply-task.ts";
import type {
  LargeBeginResult,
  LargePieceResult,
  LargeResult,
  LargeSignResult,
  LargeTask,
} from "../tasks/large-file-tasks.ts";
import type { ApplyResult, LaneResult } from "../tasks/tasks.ts";
import { LargeComparisons } from "./large-comparisons.ts";

/** Files that are open at the same time, and pieces of each that are given out. */
const openMax = 4;
const piecesOut = 4;
/** One entry costs about as much as copying 64 KiB, or signing 256 KiB. */
const costBytes = 65536;
const signedCostBytes = 262144;

/** What carrying out needs. */
export interface LargeFilesContext {
  /** Gives out a task, also when the run was stopped: what is open must be closed. */
  readonly submit: (task: ApplyTask | LargeTask, cost: number) => void;
  /** More open files than lanes are of no use. */
  readonly lanesMax: () => number;
  /** Nothing new may be begun. */
  readonly isStopped: () => boolean;
  /** Digests of contents are kept between runs. */
  readonly keepsDigests: boolean;
  /** A lane has something to tell of a file. */
  readonly heard: (result: LargeBeginResult) => void;
  /** So much of a file is there; undefined = nobody wants to know. */
  readonly moved: ((task: ApplyTask, done: number) => void) | undefined;
}

/** Says whether an answer is one of those. */
export function isLargeResult(result: LaneResult): result is LargeResult {
  return result.kind.startsWith("large-");
}

interface UnderWay {
  readonly task: ApplyTask;
  file: LargeFile | undefined;
  /** The basis is looked into: not if it turned out to be unreadable. */
  basis: LargeBasis | undefined;
  /** The first block that nobody signs yet. */
  nextBlock: number;
  /** Where the next piece begins. */
  next: number;
  out: number;
  length: number;
  /** Where the last byte ends that is there. */
  reach: number;
  counts: PieceCounts;
  /** Where pieces begin, or go on, that are not there yet; besides those from `next` on. */
  readonly missing: Set<number>;
  error: Pieces["error"];
}

/** Shares large files out. */
export class LargeFiles {
  readonly #context: LargeFilesContext;
  readonly #waiting: ApplyTask[] = [];
  readonly #open = new Map<string, UnderWay>();
  readonly #comparisons: LargeComparisons;

  constructor(context: LargeFilesContext) {
    this.#context = context;
    this.#comparisons = new LargeComparisons({
      submit: context.submit,
      isStopped: context.isStopped,
      inOnePiece: context.keepsDigests,
      compared: (task, equal) => this.#compared(task, equal),
    });
  }

  /** Takes a task that applies one large file, or compares it first. */
  add(task: ApplyTask): void {
    const { from } = task;
    if (task.compared === undefined && Orders.thaw(task.orders).kind[from] === order.compare) {
      this.#comparisons.add(task, sizeOf(task));
      return;
    }
    this.#waiting.push(task);
    this.#beginNext();
  }

  #compared(task: ApplyTask, equal: boolean): void {
    if (equal) this.#context.submit({ ...task, compared: "equal" }, 1);
    else this.add({ ...task, compared: "different" });
  }

  /** Takes a lane's answer. */
  receive(result: LargeResult): void {
    if (result.kind === "large-compare") this.#comparisons.receive(result);
    else if (result.kind === "large-begin") this.#begun(result);
    else if (result.kind === "large-sign") this.#signed(result);
    else this.#copied(result);
  }

  /** A lane opened a file. */
  #begun(result: LargeBeginResult): void {
    this.#context.heard(result);
    const under = this.#open.get(keyOf(result));
    if (under === undefined) return;
    const { file } = result;
    if (file === "alone") {
      this.#context.submit(under.task, costOf(sizeOf(under.task)));
      return;
    }
    under.file = file;
    under.basis = file.basis;
    if (file.isShared) under.next = under.length = under.reach = file.size;
    this.#goOn(under);
  }

  /** A lane signed blocks of a basis. */
  #signed(result: LargeSignResult): void {
    const under = this.#open.get(keyOf(result));
    if (under === undefined) return;
    under.out--;
    if (!result.signed) under.basis = undefined;
    this.#goOn(under);
  }

  /** A lane copied a piece. */
  #copied(result: LargePieceResult): void {
    const under = this.#open.get(keyOf(result));
    if (under === undefined) return;
    under.out--;
    under.length += result.length;
    under.counts = addCounts(under.counts, result.counts);
    under.error ??= result.error;
    const { position, length } = result;
    if (length > 0) under.reach = Math.max(under.reach, position + length);
    const end = Math.min(position + largePieceBytes, under.file?.size ?? 0);
    under.missing.delete(position);
    if (position + length < end) under.missing.add(position + length);
    this.#context.moved?.(under.task, under.length);
    this.#goOn(under);
  }

  /** A file is finished, or could not be begun; any other answer is none of ours. */
  applied(result: ApplyResult): void {
    if (this.#open.delete(keyOf(result))) this.#beginNext();
  }

  #beginNext(): void {
    while (
      this.#open.size < Math.min(openMax, this.#context.lanesMax()) &&
      !this.#context.isStopped()
    ) {
      const task = this.#waiting.shift();
      if (task === undefined) return;
      const under: UnderWay = {
        task,
        file: undefined,
        basis: undefined,
        nextBlock: 0,
        next: 0,
        out: 0,
        length: 0,
        reach: 0,
        counts: nothingMatched,
        missing: new Set(),
        error: undefined,
      };
      this.#open.set(`${task.node}:${task.from}`, under);
      this.#context.submit({ ...task, kind: "large-begin" }, 1);
    }
  }

  #goOn(under: UnderWay): void {
    const { file, task } = under;
    if (file === undefined) return;
    const stops = this.#context.isStopped() || under.error !== undefined;
    if (!stops && this.#sign(under)) return;
    while (!stops && under.out < piecesOut && under.next < file.size) this.#nextPiece(under, file);
    if (under.out > 0) return;
    const { length, reach, counts, error } = under;
    const prefix = Math.min(under.next, ...under.missing);
    const pieces = { file, length, prefix, reach, counts, error };
    if (this.#context.isStopped())
      this.#context.submit({ ...task, kind: "large-abandon", pieces }, 1);
    // Flushing, reading back, and freeing what it replaces take the longer the larger it is.
    else this.#context.submit({ ...task, pieces }, costOf(file.size));
  }

  /** Has the basis signed; false = that is done, or there is none. */
  #sign(under: UnderWay): boolean {
    const { basis, task } = under;
    if (basis === undefined) return false;
    const { node, from } = task;
    const { blockLength, sums } = basis;
    const count = sums.byteLength / 4;
    const blocksAtOnce = Math.ceil(largePieceBytes / blockLength);
    while (under.out < piecesOut && under.nextBlock < count) {
      const firstBlock = under.nextBlock;
      const blockCount = Math.min(blocksAtOnce, count - firstBlock);
      under.nextBlock += blockCount;
      under.out++;
      const part = { kind: "large-sign", node, from, basis, firstBlock, blockCount } as const;
      this.#context.submit(part, Math.ceil((blockCount * blockLength) / signedCostBytes));
    }
    // Pieces are not begun before the last block is signed.
    return under.out > 0 && under.next === 0;
  }

  #nextPiece(under: UnderWay, file: LargeFile): void {
    const { node, from } = under.task;
    const { basis, next: position } = under;
    const length = Math.min(largePieceBytes, file.size - position);
    under.next += length;
    under.out++;
    under.missing.add(position);
    const { source, target, sparse, throughMemory } = file;
    const piece = { file: { source, target, sparse, throughMemory }, basis, position, length };
    this.#context.submit({ kind: "large-piece", node, from, ...piece }, costOf(length));
  }
}

function sizeOf({ source, from }: ApplyTask): number {
  return Directory.thaw(source).size[from] as number;
}

function costOf(bytes: number): number {
  return Math.ceil(bytes / costBytes);
}

function keyOf({ node, from }: { readonly node: number; readonly from: number }): string {
  return `${node}:${from}`;
}
