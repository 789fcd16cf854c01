// Large files of a source that is elsewhere: while a lane writes one, its content is asked for in
// pieces, a few ahead of what the lane wants, and handed over in order.

import { ManifoldError } from "../../base/index.ts";
import type { Scheduler } from "../../schedule/index.ts";
import { encodeWanted, type HeldParts } from "../../session/index.ts";
import { FeedWriter, feedBytes } from "../tasks/content-feed.ts";
import {
  type PullNews,
  pieceMessageBytesMax,
  type StreamWish,
  streamPieceBytes,
} from "../tasks/far-tasks.ts";
import type { ApplyTask, LaneResult, LaneTask } from "../tasks/tasks.ts";
import type { FarSource } from "./far-ends.ts";
import type { TreeNode } from "./tree-node.ts";

/** Pieces of one file that are asked for ahead: a slow, long line wants many, and each connection two. */
const aheadMin = 4;
const aheadMax = 16;

/** A piece that was asked for, and what came. */
interface Asked {
  readonly position: number;
  message: Uint8Array | undefined;
  applied: (() => void) | undefined;
}

interface Stream {
  readonly node: TreeNode;
  readonly wish: StreamWish;
  readonly signature: number | undefined;
  readonly memory: Uint8Array;
  readonly feed: FeedWriter;
  /** In order: those that were handed over and, by what is known, not taken; and those that are not there yet. */
  handed: number[];
  asked: Asked[];
  /** Messages that were handed over. */
  put: number;
  /** Where the next piece begins that nobody has asked for. */
  next: number;
  /** The first answer says whether anything has to come. */
  isProbing: boolean;
}

/** A file whose turn has not come: it takes no memory yet, nor has the source's end heard of it. */
interface Turn {
  readonly node: TreeNode;
  readonly task: ApplyTask;
  readonly wish: StreamWish;
  readonly priority: number;
  readonly cost: number;
}

/** Files that are given to lanes ahead of those that lanes can work on. */
const aheadOfLanes = 1;

/** Feeds lanes. */
export class FarStreams {
  readonly #source: FarSource;
  readonly #scheduler: () => Scheduler<LaneTask, LaneResult>;
  readonly #streams = new Map<string, Stream>();
  /** A directory may have any number of large files (promise P3). */
  readonly #turns: Turn[] = [];
  #signatures = 0;

  constructor(source: FarSource, scheduler: () => Scheduler<LaneTask, LaneResult>) {
    this.#source = source;
    this.#scheduler = scheduler;
  }

  /** Has a lane write a large file when it is its turn; the lane will say what it wants. */
  begin(
    node: TreeNode,
    { task, wish }: { readonly task: ApplyTask; readonly wish: StreamWish },
    priority: number,
    cost: number,
  ): void {
    this.#scheduler().hold();
    this.#turns.push({ node, task, wish, priority, cost });
    this.#goOn();
  }

  #goOn(): void {
    while (this.#streams.size < this.#scheduler().lanes + aheadOfLanes) {
      const turn = this.#turns.shift();
      if (turn === undefined) return;
      this.#start(turn);
      this.#scheduler().release();
    }
  }

  #start({ node, task, wish, priority, cost }: Turn): void {
    const { slabs } = this.#source;
    const memory = slabs.take(feedBytes(pieceMessageBytesMax));
    const feed = memory.buffer as SharedArrayBuffer;
    let signature: number | undefined;
    if (wish.signature !== undefined) {
      signature = this.#signatures++;
      this.#source.signature(signature, wish.signature);
    }
    this.#streams.set(keyOf(task), {
      node,
      wish,
      signature,
      memory,
      feed: new FeedWriter(feed),
      handed: [],
      asked: [],
      put: 0,
      next: wish.start,
      isProbing: wish.digest !== undefined || wish.known.length > 0,
    });
    // Its lane waits for pieces that this thread hands it.
    this.#scheduler().submit({ ...task, feed, start: wish.start }, priority, cost, true);
  }

  /** A lane wants what is at a position. */
  pulled(news: PullNews): void {
    const stream = this.#streams.get(keyOf(news));
    if (stream === undefined) return;
    const { position, taken } = news;
    // What it has taken it does not wait for: where it wants the same once more, a piece was of no use, and is asked for again.
    stream.handed = stream.handed.slice(Math.max(0, stream.handed.length - (stream.put - taken)));
    const isComing =
      stream.handed.includes(position) || stream.asked.some((one) => one.position === position);
    if (!isComing) {
      // It begins anew: what is on its way is for nobody.
      for (const one of stream.asked) one.applied?.();
      stream.handed = [];
      stream.asked = [];
      stream.next = position;
    }
    this.#ask(stream);
    this.#hand(stream);
  }

  /** The lane is done with a file. */
  applied(key: { readonly node: number; readonly from: number }): void {
    const stream = this.#streams.get(keyOf(key));
    if (stream === undefined) return;
    this.#streams.delete(keyOf(key));
    for (const one of stream.asked) one.applied?.();
    stream.asked = [];
    this.#source.slabs.give(stream.memory);
    if (stream.signature !== undefined) this.#source.drop(stream.signature);
    this.#source.left?.(stream.node, stream.wish.row);
    this.#goOn();
  }

  #ask(stream: Stream): void {
    const { wish, node, signature } = stream;
    const wanted = Math.min(aheadMax, Math.max(aheadMin, 2 * this.#source.carriers));
    const ahead = stream.isProbing ? 1 : wanted;
    const isIdle = (): boolean => stream.asked.length + stream.handed.length === 0;
    // The file may have grown since it was listed: what a lane waits for is asked for in any case.
    while (stream.asked.length < ahead && (stream.next < wish.size || isIdle())) {
      const position = stream.next;
      const length = streamPieceBytes;
      const digest = stream.isProbing ? wish.digest : undefined;
      const known = stream.isProbing ? wish.known : [];
      const { row, inPlace } = wish;
      const part = { position, length };
      const held = wish.held && { held: partsWithin(wish.held, position, position + length) };
      const piece = { row, digest, known, signature: undefined, inPlace, piece: part, ...held };
      const one: Asked = { position, message: undefined, applied: undefined };
      stream.asked.push(one);
      stream.next += length;
      const bytes = Math.min(length, Math.max(0, wish.size - position));
      const { changes } = wish;
      const ask = { body: encodeWanted([piece]), bytes, signature, changes };
      this.#source.piece(node, ask, (message, applied) =>
        this.#came(stream, one, message, applied),
      );
    }
  }

  #came(stream: Stream, one: Asked, message: Uint8Array, applied: () => void): void {
    if (!stream.asked.includes(one)) {
      applied();
      return;
    }
    if (!stream.feed.fits(message.length) || message.length === 0) {
      const words = `The other end sent ${message.length} bytes for a piece of ${streamPieceBytes}`;
      throw new ManifoldError("protocol-data", words);
    }
    stream.isProbing = false;
    one.message = message;
    one.applied = applied;
    this.#hand(stream);
  }

  #hand(stream: Stream): void {
    for (;;) {
      const [first] = stream.asked;
      if (first?.message === undefined || !stream.feed.put(first.message)) return;
      stream.asked.shift();
      stream.handed.push(first.position);
      stream.put++;
      first.applied?.();
    }
  }
}

/** Returns what of parts lies in [from, to). */
function partsWithin(parts: HeldParts, from: number, to: number): HeldParts {
  let [low, high] = [0, parts.length / 2];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endOf(parts, 2 * middle) <= from) low = middle + 1;
    else high = middle;
  }
  const within: number[] = [];
  for (let at = 2 * low; at < parts.length && (parts[at] as number) < to; at += 2) {
    const begin = Math.max(from, parts[at] as number);
    within.push(begin, Math.min(to, endOf(parts, at)) - begin);
  }
  return within;
}

function endOf(parts: HeldParts, at: number): number {
  return (parts[at] as number) + (parts[at + 1] as number);
}

function keyOf({ node, from }: { readonly node: number; readonly from: number }): string {
  return `${node}:${from}`;
}
