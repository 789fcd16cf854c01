// Blocks that are to be sent again, each once, in the order in which they were missed.

import type { BlockRange } from "./block-receiver.ts";
import { BlockSet } from "./block-set.ts";
import type { Member } from "./member.ts";
import type { Report } from "./report.ts";

/** Waiting entries above which those that went are cut off. */
const trimLength = 1024;

/** Such a queue. */
export class RepairQueue {
  readonly #waiting = new BlockSet();
  #order: number[] = [];
  #first = 0;

  get length(): number {
    return this.#waiting.count;
  }

  /** Takes a block; false = it waits already. */
  add(block: number): boolean {
    if (!this.#waiting.add(block)) return false;
    this.#order.push(block);
    return true;
  }

  /** Takes blocks that a report lacks, of those that were sent, as far as they are lost and nobody else has asked for them. */
  addMissing(
    { floor, runs }: Report,
    receiver: Member,
    frontier: number,
    isLost: (block: number) => boolean,
  ): void {
    let at = floor;
    for (const [i, run] of runs.entries()) {
      if (i % 2 === 0) {
        const end = Math.min(at + run, receiver.end, frontier);
        for (let block = Math.max(at, receiver.since); block < end; block++) {
          if (isLost(block) && this.add(block)) receiver.asked++;
        }
      }
      at += run;
    }
  }

  /** Takes out the next blocks, neighbours together; undefined if none waits. */
  take(countMax: number): BlockRange | undefined {
    const block = this.#shift();
    if (block === undefined) return undefined;
    let count = 1;
    while (count < countMax && this.#order[this.#first] === block + count) {
      this.#shift();
      count++;
    }
    return { block, count };
  }

  /** Lets everything go: nobody waits for it any more. */
  clear(): void {
    while (this.#shift() !== undefined);
  }

  #shift(): number | undefined {
    const block = this.#order[this.#first];
    if (block === undefined) return undefined;
    this.#first++;
    if (this.#first > trimLength && this.#first * 2 > this.#order.length) {
      this.#order = this.#order.slice(this.#first);
      this.#first = 0;
    }
    this.#waiting.remove(block);
    return block;
  }
}
