// Messages that come as numbered blocks, in any order. Content is handed over as soon as it is whole, whatever came
// before it or did not; messages of the other lanes in the order in which they were sent.

import { ManifoldError } from "../base/index.ts";
import { type LaneNumber, lane, messageBytesMax, type Slabs } from "../session/index.ts";
import { partHeadBytes } from "./outgoing-messages.ts";

/** Bytes of messages that are not whole: twice of what a good end has under way, and the longest message. */
const incompleteBytesMax = 96 * 1024 * 1024;
/** What a message costs besides its bytes. */
const messageCost = 256;

interface Incoming {
  readonly lane: LaneNumber;
  readonly bytes: Uint8Array;
  readonly end: number;
  /** Blocks that have not come. */
  left: number;
}

/** Such messages. */
export class IncomingMessages {
  readonly #room: number;
  readonly #slabs: Slabs;
  readonly #deliver: (number: LaneNumber, message: Uint8Array) => void;
  /** By their first block. */
  readonly #incomplete = new Map<number, Incoming>();
  #incompleteBytes = 0;
  /** Whole ones that wait for those before them, in order. */
  #waiting: Incoming[] = [];

  constructor(
    blockBytes: number,
    slabs: Slabs,
    deliver: (number: LaneNumber, message: Uint8Array) => void,
  ) {
    this.#room = blockBytes - partHeadBytes;
    this.#slabs = slabs;
    this.#deliver = deliver;
  }

  /**
   * Takes a block that has not come before.
   * @param floor Every block before this one has come. Throws a protocol-data error.
   */
  put(block: number, bytes: Uint8Array, floor: number): void {
    if (bytes.length < partHeadBytes) throw broken("a block is too short");
    const view = new DataView(bytes.buffer, bytes.byteOffset, partHeadBytes);
    const index = view.getUint32(1);
    const length = view.getUint32(5);
    const message = this.#messageOf(block - index, view.getUint8(0), length);
    const from = index * this.#room;
    const count = Math.min(this.#room, length - from);
    if (count < 0 || bytes.length < partHeadBytes + count) throw broken("a block is too short");
    message.bytes.set(bytes.subarray(partHeadBytes, partHeadBytes + count), from);
    message.left--;
    if (message.left === 0) this.#complete(block - index, message);
    while ((this.#waiting[0]?.end ?? Number.POSITIVE_INFINITY) <= floor) {
      const { lane: number, bytes: whole } = this.#waiting.shift() as Incoming;
      this.#incompleteBytes -= whole.length + messageCost;
      this.#deliver(number, whole);
    }
  }

  #messageOf(first: number, number: number, length: number): Incoming {
    const known = this.#incomplete.get(first);
    if (known !== undefined) {
      if (known.lane === number && known.bytes.length === length) return known;
      throw broken("two blocks contradict each other");
    }
    const limit = messageBytesMax[number];
    if (first < 0 || limit === undefined || length > limit) {
      throw broken(`a message of ${length} bytes on lane ${number}`);
    }
    this.#incompleteBytes += length + messageCost;
    if (this.#incompleteBytes > incompleteBytesMax) throw broken("too much is under way");
    const blocks = Math.max(1, Math.ceil(length / this.#room));
    const message: Incoming = {
      lane: number as LaneNumber,
      bytes:
        number === lane.content
          ? this.#slabs.take(length)
          : new Uint8Array(new SharedArrayBuffer(length)),
      end: first + blocks,
      left: blocks,
    };
    this.#incomplete.set(first, message);
    return message;
  }

  #complete(first: number, message: Incoming): void {
    this.#incomplete.delete(first);
    if (message.lane === lane.content) {
      this.#incompleteBytes -= message.bytes.length + messageCost;
      this.#deliver(message.lane, message.bytes);
      return;
    }
    const at = this.#waiting.findIndex(({ end }) => end > message.end);
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, message);
  }
}

function broken(why: string): ManifoldError {
  return new ManifoldError("protocol-data", `The other end's datagrams break the protocol: ${why}`);
}
