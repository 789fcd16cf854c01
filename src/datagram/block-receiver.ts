// One receiver of blocks, without its network: which blocks it has, which it lacks, when it reports, and
// what it asks for over the control channel when datagrams do not bring them.

import { BlockSet } from "./block-set.ts";
import { flagPoll, type Head, kinds } from "./head.ts";
import { aheadBlocksMax, pullBlocks, pullsMax } from "./limits.ts";
import { encodeReport, runsMax } from "./report.ts";

/** When a receiver reports. */
export interface ReportTimes {
  readonly everyMs: number;
  /** Receivers take turns: this one comes so long after the beginning of each interval. */
  readonly phaseMs: number;
}

/** Some blocks one after the other. */
export interface BlockRange {
  readonly block: number;
  readonly count: number;
}

/** Such a receiver. */
export class BlockReceiver {
  readonly #have = new BlockSet();
  readonly #times: ReportTimes;
  readonly #pulled = new Map<number, BlockRange>();
  #start = 0;
  #end = Number.POSITIVE_INFINITY;
  /** All wanted blocks before this one are here. */
  #floor = 0;
  /** Blocks from here on may not have been sent yet. */
  #seen = 0;
  #sequence = 0;
  #counter = -1;
  /** The lowest counter that came. */
  #first = Number.POSITIVE_INFINITY;
  #counterAt = 0;
  #datagrams = 0;
  #bytes = 0;
  #duplicates = 0;
  #pulledBlocks = 0;
  #nextReport: number;
  #isPolled = false;
  /** The counter at the last report: whether there is news. */
  #toldCounter = -1;
  #pullEnd = 0;

  constructor(times: ReportTimes, now: number) {
    this.#times = times;
    this.#nextReport = now + times.phaseMs;
  }

  /** Blocks that came by datagrams and had come before. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Blocks that came over the control channel. */
  get pulled(): number {
    return this.#pulledBlocks;
  }

  /** Datagrams that came. */
  get datagrams(): number {
    return this.#datagrams;
  }

  /** Bytes of datagrams that came. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Datagrams that were sent between the first and the last one that came, and did not come. */
  get missed(): number {
    return Math.max(0, this.#counter + 1 - this.#first - this.#datagrams);
  }

  /** It takes all that it lacks over the control channel. */
  get isPulling(): boolean {
    return this.#pullEnd === Number.POSITIVE_INFINITY;
  }

  /** Every wanted block is here, and it is known which those are. */
  get isComplete(): boolean {
    return this.#floor >= this.#end;
  }

  /** All wanted blocks before this one are here. */
  get floor(): number {
    return this.#floor;
  }

  /** From here on only the blocks from `start` up to `end` are wanted; what else comes is ignored. */
  want(start: number, end = Number.POSITIVE_INFINITY): void {
    this.#start = start;
    this.#end = end;
    this.#floor = Math.max(this.#floor, start);
    this.#advance();
  }

  /** Takes note of blocks that an earlier run has left here; the sender knows that they are not to be sent, pulled or not. */
  recall({ block, count }: BlockRange): void {
    const end = block + count;
    for (let each = block; each < end; each++) this.#have.add(each);
    for (const pull of this.#pulled.values()) {
      if (pull.block >= block && pull.block + pull.count <= end) this.#pulled.delete(pull.block);
    }
    this.sawUpTo(end);
    this.#advance();
  }

  /** These blocks are not what they should be: they are missing again. */
  discard({ block, count }: BlockRange): void {
    for (let each = block; each < block + count; each++) this.#have.remove(each);
    this.#floor = Math.min(this.#floor, Math.max(block, this.#start));
  }

  /**
   * Takes the header of a datagram that was opened; its blocks are put one by one.
   * @param length Bytes of the whole datagram.
   */
  take(head: Readonly<Head>, length: number, now: number): void {
    this.#datagrams++;
    this.#bytes += length;
    this.#first = Math.min(this.#first, head.counter);
    if (head.counter > this.#counter) {
      this.#counter = head.counter;
      this.#counterAt = now;
    }
    if ((head.flags & flagPoll) !== 0) this.#isPolled = true;
    if (head.kind === kinds.idle) this.sawUpTo(head.block);
  }

  /** Blocks before this one have been sent, whether or not they came. */
  sawUpTo(block: number): void {
    this.#seen = Math.max(this.#seen, block);
  }

  /** Takes a block that came; false = it is not wanted, or here already. */
  put(block: number): boolean {
    const isWanted = block >= this.#floor && block >= this.#start && block < this.#end;
    if (block - this.#floor > aheadBlocksMax) return false;
    this.sawUpTo(block + 1);
    if (!isWanted || !this.#have.add(block)) {
      this.#duplicates++;
      return false;
    }
    if (block === this.#floor) this.#advance();
    return true;
  }

  /** The time of the next report. */
  get reportAt(): number {
    return this.#isPolled ? 0 : this.#nextReport;
  }

  /** Returns a report. */
  report(now: number): Uint8Array {
    const { everyMs } = this.#times;
    this.#isPolled = false;
    // Its turns stand as they are, however many reports were asked for in between.
    const passed = Math.floor((now - this.#nextReport) / everyMs) + 1;
    this.#nextReport += everyMs * Math.max(0, passed);
    this.#toldCounter = this.#counter;
    const runs: number[] = [];
    const floor = this.#floor;
    const end = Math.max(floor, Math.min(this.#seen, this.#end));
    let at = floor;
    for (let isThere = false; at < end && runs.length < runsMax; isThere = !isThere) {
      const next = this.#have.next(at, end, !isThere);
      runs.push(next - at);
      at = next;
    }
    return encodeReport({
      sequence: this.#sequence++,
      ...{ counter: this.#counter, datagrams: this.#datagrams, bytes: this.#bytes },
      clock: Math.round(now * 1000),
      held: Math.round((now - this.#counterAt) * 1000),
      ...{ floor, upTo: at, runs },
    });
  }

  /** Something came since the last report. */
  get hasNews(): boolean {
    return this.#counter > this.#toldCounter;
  }

  /** From here on what is missing before `end` is asked for over the control channel. */
  beginPulling(end = Number.POSITIVE_INFINITY): void {
    this.#pullEnd = Math.max(this.#pullEnd, end);
  }

  /** Returns the next range to ask for, undefined if none is to be asked for now. */
  nextPull(): BlockRange | undefined {
    if (this.#pulled.size >= pullsMax) return undefined;
    // Whoever is asked for blocks that do not exist yet waits for them: an end that is not known is no hindrance.
    const ahead = Math.max(this.#seen, this.#floor) + pullBlocks * pullsMax;
    const horizon = Math.min(this.#end, this.#pullEnd, ahead);
    for (let from = this.#floor; from < horizon; ) {
      const block = this.#have.next(from, horizon, false);
      if (block >= horizon) return undefined;
      const asked = this.#askedFor(block);
      if (asked === undefined) {
        const count = this.#have.next(block, Math.min(horizon, block + pullBlocks), true) - block;
        const range = { block, count };
        this.#pulled.set(block, range);
        return range;
      }
      from = asked.block + asked.count;
    }
    return undefined;
  }

  #askedFor(block: number): BlockRange | undefined {
    for (const range of this.#pulled.values()) {
      if (block >= range.block && block < range.block + range.count) return range;
    }
    return undefined;
  }

  /** Takes the answer to a pull, or its first part; its blocks have been put already. */
  answered(block: number, count: number): void {
    const range = this.#pulled.get(block);
    if (range === undefined) return;
    this.#pulled.delete(block);
    this.#pulledBlocks += count;
    const left = range.count - count;
    if (left > 0) this.#pulled.set(block + count, { block: block + count, count: left });
  }

  /** Returns what is here, for whoever goes on later. */
  held(): BlockRange[] {
    const ranges: BlockRange[] = [];
    const end = Math.max(this.#seen, this.#floor);
    for (let at = this.#start; at < end; ) {
      const block = this.#have.next(at, end, true);
      at = this.#have.next(block, end, false);
      if (at > block) ranges.push({ block, count: at - block });
    }
    return ranges;
  }

  #advance(): void {
    const end = Math.min(this.#end, Math.max(this.#seen, this.#floor + 1));
    this.#floor = this.#have.next(this.#floor, end, false);
  }
}
