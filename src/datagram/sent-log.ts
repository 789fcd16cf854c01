// Which datagram brought a block last, for blocks that somebody may still lack; and when each of the last
// datagrams was sent.

import { reorderDatagrams } from "./limits.ts";

/** A datagram later in order that was sent so long after is as good as `reorderDatagrams` of them. */
const reorderMs = 8;
/** Blocks of a section: what is forgotten at once. */
const sectionBlocks = 1024;
const timesKept = 65_536;

/** Such a log. */
export class SentLog {
  readonly #sections = new Map<number, Float64Array>();
  readonly #times = new Float64Array(timesKept);
  #lowest = 0;
  #next = 0;

  /** The counter of the next datagram. */
  get next(): number {
    return this.#next;
  }

  /** Notes that a datagram is sent, and returns its counter. */
  note(now: number): number {
    this.#times[this.#next % timesKept] = now;
    return this.#next++;
  }

  /** Notes that the datagram with this counter brings a block. */
  noteBlock(block: number, counter: number): void {
    const number = Math.floor(block / sectionBlocks);
    let section = this.#sections.get(number);
    if (section === undefined) {
      section = new Float64Array(sectionBlocks).fill(-1);
      this.#sections.set(number, section);
    }
    section[block % sectionBlocks] = counter;
  }

  /** The counter of the datagram that brought the block last; -1 = long ago, or never. */
  counterOf(block: number): number {
    const section = this.#sections.get(Math.floor(block / sectionBlocks));
    return section?.[block % sectionBlocks] ?? -1;
  }

  /** When the datagram was sent; undefined = too long ago to know, or never. */
  sentAt(counter: number): number | undefined {
    if (counter < 0 || counter >= this.#next || counter < this.#next - timesKept) return undefined;
    return this.#times[counter % timesKept];
  }

  /** A block is lost if this later datagram, sent then, has come, and the one that brought the block should have come before. */
  isLost(block: number, seen: number, seenAt: number | undefined): boolean {
    const counter = this.counterOf(block);
    if (counter < 0 || counter >= seen) return false;
    if (seen - counter > reorderDatagrams) return true;
    const blockAt = this.sentAt(counter);
    return blockAt === undefined || seenAt === undefined || seenAt - blockAt > reorderMs;
  }

  /** Forgets blocks before this one: everybody has them. */
  forgetBefore(block: number): void {
    const first = Math.floor(block / sectionBlocks);
    for (; this.#lowest < first; this.#lowest++) this.#sections.delete(this.#lowest);
  }

  /** Sections that are kept. */
  get size(): number {
    return this.#sections.size;
  }
}
