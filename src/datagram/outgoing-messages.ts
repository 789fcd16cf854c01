// Messages on their way out as numbered blocks: each message has blocks of its own, one behind the other, and every
// block says which part of which message it is, so that it is of use whatever else is lost.

import { assert } from "../base/index.ts";
import type { LaneNumber } from "../session/index.ts";

/** Lane (1), number of the block in its message (4), length of the message (4): at the start of each block. */
export const partHeadBytes = 9;

interface Outgoing {
  readonly lane: LaneNumber;
  readonly first: number;
  readonly end: number;
  readonly parts: readonly Uint8Array[];
  readonly length: number;
  readonly left: (() => void) | undefined;
}

/** Such messages. */
export class OutgoingMessages {
  readonly #blockBytes: number;
  #messages: Outgoing[] = [];
  #blocks = 0;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  /** Blocks of all messages so far. */
  get blocks(): number {
    return this.#blocks;
  }

  /** Takes one; `left` is called when its parts are in use no more. */
  add(lane: LaneNumber, parts: readonly Uint8Array[], left?: () => void): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const first = this.#blocks;
    const room = this.#blockBytes - partHeadBytes;
    this.#blocks += Math.max(1, Math.ceil(length / room));
    this.#messages.push({ lane, first, end: this.#blocks, parts, length, left });
  }

  /** Writes neighbouring blocks to the start of `target`, and returns their length: the last one may be shorter. */
  read(block: number, count: number, target: Uint8Array): number {
    let length = 0;
    for (let i = 0; i < count; i++) {
      const at = i * this.#blockBytes;
      length = at + this.#readOne(block + i, target.subarray(at, at + this.#blockBytes));
    }
    return length;
  }

  #readOne(block: number, target: Uint8Array): number {
    const { lane, first, length, parts } = this.#find(block);
    const index = block - first;
    const view = new DataView(target.buffer, target.byteOffset, partHeadBytes);
    view.setUint8(0, lane);
    view.setUint32(1, index);
    view.setUint32(5, length);
    const room = this.#blockBytes - partHeadBytes;
    const from = index * room;
    const to = Math.min(length, from + room);
    copyRange(parts, from, to, target.subarray(partHeadBytes));
    return partHeadBytes + to - from;
  }

  /** Lets messages go whose blocks are all before this one: they have arrived. */
  release(floor: number): void {
    let count = 0;
    while ((this.#messages[count]?.end ?? Number.POSITIVE_INFINITY) <= floor) count++;
    if (count === 0) return;
    const gone = this.#messages.slice(0, count);
    this.#messages = this.#messages.slice(count);
    for (const { left } of gone) left?.();
  }

  #find(block: number): Outgoing {
    let [low, high] = [0, this.#messages.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#messages[middle] as Outgoing).first <= block) low = middle;
      else high = middle - 1;
    }
    const found = this.#messages[low];
    assert(
      found !== undefined && block >= found.first && block < found.end,
      "A block that may be sent is of a message that is there.",
    );
    return found;
  }
}

/** Copies the bytes from `from` up to `to` of what the parts are together. */
function copyRange(
  parts: readonly Uint8Array[],
  from: number,
  to: number,
  target: Uint8Array,
): void {
  let start = 0;
  for (const part of parts) {
    const [low, high] = [Math.max(from, start), Math.min(to, start + part.length)];
    if (low < high) target.set(part.subarray(low - start, high - start), low - from);
    start += part.length;
    if (start >= to) return;
  }
}
