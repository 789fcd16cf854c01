// Queues messages by lane and cuts them into frames, the most urgent lane first. Large parts of a
// message go out as they are; headers and small parts are copied together, so that the channel gets
// few pieces.

import { assert } from "../base/index.ts";
import {
  firstFlag,
  firstHeaderBytes,
  goodbyeKind,
  headerBytes,
  keepAliveKind,
  laneChecksums,
  laneCount,
  moreFlag,
  writeHeader,
} from "./frame.ts";
import { framePayloadMax } from "./limits.ts";
import type { LaneNumber } from "./peer.ts";

/** Parts up to this length are copied: less work than a piece of their own (a vector of writev and its object). */
const copyMax = 4096;
/** Bytes that small parts are gathered in at a time. */
const gatherBytes = 16384;

interface Queued {
  readonly parts: readonly Uint8Array[];
  readonly total: number;
  /** Called when the channel needs its parts no more. */
  readonly left: (() => void) | undefined;
  /** Bytes that have gone, the part that is next, and how much of it has gone. */
  sent: number;
  part: number;
  partSent: number;
}

/** A queue that is taken from the front without moving the rest each time. */
interface Lane {
  messages: (Queued | undefined)[];
  next: number;
}

/** One direction of a session, sending. */
export class FrameWriter {
  private readonly out: (bytes: Uint8Array, left?: () => void) => void;
  private readonly lanes: Lane[] = Array.from({ length: laneCount }, () => ({
    messages: [],
    next: 0,
  }));
  private readonly checksums = laneChecksums();
  private gathered = new Uint8Array(gatherBytes);
  private gatheredFrom = 0;
  private gatheredTo = 0;
  /** Bytes of messages that wait here. */
  backlog = 0;

  constructor(out: (bytes: Uint8Array, left?: () => void) => void) {
    this.out = out;
  }

  /** True when no message waits. */
  get isEmpty(): boolean {
    return this.lanes.every(({ messages, next }) => next === messages.length);
  }

  /** Puts a message behind those of its lane. `left`: called when its parts are in use no more. */
  add(lane: LaneNumber, message: readonly Uint8Array[], left?: () => void): void {
    const checksum = this.checksums[lane];
    const parts = checksum === undefined ? message : [...message, checksum.add(...message)];
    let total = 0;
    for (const part of parts) total += part.length;
    assert(total < 2 ** 32, "a message has less than 4 GiB");
    const queued = { parts, total, left, sent: 0, part: 0, partSent: 0 };
    (this.lanes[lane] as Lane).messages.push(queued);
    this.backlog += total;
  }

  /** Writes one frame of the most urgent lane; false when nothing waits. What is gathered goes with `flush`. */
  writeFrame(): boolean {
    const number = this.lanes.findIndex(({ messages, next }) => next < messages.length);
    const lane = this.lanes[number];
    if (lane === undefined) return false;
    const message = lane.messages[lane.next] as Queued;
    const payload = Math.min(framePayloadMax, message.total - message.sent);
    const isFirst = message.sent === 0;
    const isLast = message.sent + payload === message.total;
    this.header(
      number + (isFirst ? firstFlag : 0) + (isLast ? 0 : moreFlag),
      payload,
      message.total,
    );
    this.payload(message, payload);
    this.backlog -= payload;
    if (isLast) dropFirst(lane);
    return true;
  }

  /** Writes a frame that says only that this end lives. */
  writeKeepAlive(): void {
    this.header(keepAliveKind, 0, 0);
    this.flush();
  }

  /** Writes the last frame. */
  writeGoodbye(): void {
    this.header(goodbyeKind, 0, 0);
    this.flush();
  }

  /** Hands on what is gathered. */
  flush(left?: () => void): void {
    if (this.gatheredTo === this.gatheredFrom) return;
    this.out(this.gathered.subarray(this.gatheredFrom, this.gatheredTo), left);
    this.gatheredFrom = this.gatheredTo;
  }

  /** Forgets everything. */
  clear(): void {
    for (const lane of this.lanes) {
      lane.messages = [];
      lane.next = 0;
    }
    this.backlog = 0;
  }

  private header(kind: number, payload: number, total: number): void {
    this.room((kind & firstFlag) === 0 ? headerBytes : firstHeaderBytes);
    this.gatheredTo = writeHeader(this.gathered, this.gatheredTo, kind, payload, total);
  }

  private payload(message: Queued, length: number): void {
    let left = length;
    while (left > 0) {
      const part = message.parts[message.part] as Uint8Array;
      const count = Math.min(left, part.length - message.partSent);
      message.sent += count;
      const isLast = message.sent === message.total;
      const piece = part.subarray(message.partSent, message.partSent + count);
      if (count > 0) this.piece(piece, isLast ? message.left : undefined);
      left -= count;
      message.partSent += count;
      if (message.partSent < part.length) continue;
      message.part++;
      message.partSent = 0;
    }
  }

  private piece(bytes: Uint8Array, left: (() => void) | undefined): void {
    if (bytes.length > copyMax) {
      this.flush();
      this.out(bytes, left);
      return;
    }
    this.room(bytes.length);
    this.gathered.set(bytes, this.gatheredTo);
    this.gatheredTo += bytes.length;
    // Earlier parts may be on their way: they have left when this has.
    if (left !== undefined) this.flush(left);
  }

  /** Makes sure that so many bytes can be gathered. What has been handed on is never written to again. */
  private room(bytes: number): void {
    if (this.gatheredTo + bytes <= this.gathered.length) return;
    this.flush();
    this.gathered = new Uint8Array(gatherBytes);
    this.gatheredFrom = 0;
    this.gatheredTo = 0;
  }
}

function dropFirst(lane: Lane): void {
  // Let go of the message's bytes at once; the emptied places are given back in bulk.
  lane.messages[lane.next] = undefined;
  lane.next++;
  if (lane.next === lane.messages.length) {
    lane.messages = [];
    lane.next = 0;
  } else if (lane.next >= 1024) {
    lane.messages = lane.messages.slice(lane.next);
    lane.next = 0;
  }
}
