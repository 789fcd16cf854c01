// Wishes that wait at the source's end until what was read before has left: the other end may never take it.

import { ManifoldError } from "../../base/index.ts";
import type { ReadTask, RemoveTask } from "../tasks/far-tasks.ts";
import { contentBytesMax, removalBytes, wishBodiesAtMost, wishesAtMost } from "./windows.ts";

/** Reads that lanes are given at a time: more than there are lanes. */
const readsMax = 64;

/** A read that waits; memory to read into comes with its turn. */
export type WaitingRead = Omit<ReadTask, "room">;

/** What the target's end has asked for, and waits to be answered. */
export type WaitingWish = WaitingRead | RemoveTask;

/** Gives out reads and removals in order. */
export class WishQueue {
  readonly #backlog: () => number;
  readonly #submit: (task: WaitingWish) => void;
  readonly #waiting: WaitingWish[] = [];
  #waitingBytes = 0;
  #reading = 0;

  /** `backlog`: bytes that wait to be sent. `submit` gives a read to a lane. */
  constructor(backlog: () => number, submit: (task: WaitingWish) => void) {
    this.#backlog = backlog;
    this.#submit = submit;
  }

  /** Takes a wish. Throws a protocol-data error when there are more than may be under way. */
  add(task: WaitingWish): void {
    this.#waiting.push(task);
    this.#waitingBytes += bytesOf(task);
    if (this.#waiting.length > wishesAtMost || this.#waitingBytes > wishBodiesAtMost) {
      throw new ManifoldError(
        "protocol-data",
        "The other end sent more wishes than may be under way",
      );
    }
    this.goOn();
  }

  /** A read has been done and what it brought has been sent. */
  done(): void {
    this.#reading--;
    this.goOn();
  }

  /** Nobody waits for what is left. */
  clear(): void {
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }

  /** There may be room for more. */
  goOn(): void {
    while (this.#reading < readsMax && this.#backlog() < contentBytesMax) {
      const task = this.#waiting.shift();
      if (task === undefined) return;
      this.#waitingBytes -= bytesOf(task);
      this.#reading++;
      this.#submit(task);
    }
  }
}

/** What a request weighs by itself. */
function bytesOf(task: WaitingWish): number {
  return task.kind === "read" ? task.body.length : task.rows.length * removalBytes;
}
