// Answers receivers that ask for blocks over their control channels: in turn, and as long as others take
// datagrams only a share of the rate.

import type { BlockRange } from "./block-receiver.ts";
import { pullBlocks, pullBlocksShared, pullShare, pullsMax } from "./limits.ts";
import { Pacer } from "./pacer.ts";

/** Blocks that are to go to a receiver now. */
export interface PulledBlocks extends BlockRange {
  readonly id: number;
}

/** Such a server. */
export class PullServer {
  readonly #blockBytes: number;
  readonly #asked = new Map<number, BlockRange[]>();
  readonly #pacer = new Pacer();
  #turn = 0;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  /** Takes a wish; false = it is more than a receiver may ask for. */
  ask(id: number, range: BlockRange): boolean {
    const ranges = this.#asked.get(id) ?? [];
    if (ranges.length >= pullsMax || range.count > pullBlocks || range.count < 1) return false;
    ranges.push(range);
    this.#asked.set(id, ranges);
    return true;
  }

  /** A receiver turned out to have blocks: what it has asked for of nothing but these it does not want any more. */
  drop(id: number, { block, count }: BlockRange): void {
    const end = block + count;
    const ranges = this.#asked.get(id) ?? [];
    const left = ranges.filter((range) => range.block < block || range.block + range.count > end);
    if (left.length > 0) this.#asked.set(id, left);
    else this.#asked.delete(id);
  }

  /** Forgets a receiver. */
  leave(id: number): void {
    this.#asked.delete(id);
  }

  /** Somebody waits. */
  get isAsked(): boolean {
    return this.#asked.size > 0;
  }

  /**
   * Returns the next answer; undefined = none may go now.
   * @param available Blocks before this one are there.
   * @param groupRate The rate of datagrams; undefined = nobody takes any, and answers have no limit.
   * @param isFull Says of a receiver that its channel takes no more at the moment.
   */
  next(
    available: number,
    groupRate: number | undefined,
    isFull: (id: number) => boolean,
    now: number,
  ): PulledBlocks | undefined {
    const most = groupRate === undefined ? pullBlocks : pullBlocksShared;
    const bytes = most * this.#blockBytes;
    if (groupRate !== undefined) {
      this.#pacer.fill(groupRate * pullShare, bytes, now);
      if (!this.#pacer.allows(bytes)) return undefined;
    }
    const ids = [...this.#asked.keys()];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[(this.#turn + i) % ids.length] as number;
      const ranges = this.#asked.get(id);
      const [range] = ranges ?? [];
      if (ranges === undefined || range === undefined) continue;
      if (range.block >= available || isFull(id)) continue;
      this.#turn = (this.#turn + i + 1) % ids.length;
      const count = Math.min(range.count, available - range.block, most);
      if (count === range.count) ranges.shift();
      else ranges[0] = { block: range.block + count, count: range.count - count };
      if (ranges.length === 0) this.#asked.delete(id);
      if (groupRate !== undefined) this.#pacer.take(count * this.#blockBytes);
      return { id, block: range.block, count };
    }
    return undefined;
  }
}
