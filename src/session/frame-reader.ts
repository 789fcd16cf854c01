// Reads frames out of bytes that come in pieces of any size, and puts messages together. A message's
// bytes are copied once, from what the channel handed over to where the message will stay.

import { ManifoldError } from "../base/index.ts";
import { checksumBytes, type RunningChecksum } from "../hash/index.ts";
import { copyBytes } from "../transport/index.ts";
import {
  firstFlag,
  firstHeaderBytes,
  goodbyeKind,
  headerBytes,
  keepAliveKind,
  laneChecksums,
  laneCount,
  laneMask,
  moreFlag,
} from "./frame.ts";
import { framePayloadMax } from "./limits.ts";
import type { LaneNumber } from "./peer.ts";

/** Who is told what the frames were. */
export interface FrameListener {
  /** Returns memory for a message: shared, and of that length. */
  room(lane: LaneNumber, length: number): Uint8Array;
  /** A message is whole. */
  message(lane: LaneNumber, message: Uint8Array): void;
  /** The peer sends nothing more. */
  goodbye(): void;
}

/** A message that is being put together. */
interface Unfinished {
  readonly bytes: Uint8Array;
  filled: number;
}

/** One direction of a session, receiving. */
export class FrameReader {
  private readonly label: string;
  private readonly limits: readonly number[];
  private readonly listener: FrameListener;
  private readonly unfinished: (Unfinished | undefined)[] = [];
  private readonly checksums = laneChecksums();
  private readonly header = new Uint8Array(firstHeaderBytes);
  private headerFilled = 0;
  /** Where the payload of the frame at hand goes, and how much of it is missing. */
  private target: Unfinished | undefined;
  private missing = 0;
  private offset = 0;
  private hasGoodbye = false;
  /** Whole frames so far. */
  frames = 0;

  constructor(label: string, limits: readonly number[], listener: FrameListener) {
    this.label = label;
    this.limits = limits;
    this.listener = listener;
  }

  /** True between frames, with no message unfinished: the only place where the bytes may end. */
  get isBetweenMessages(): boolean {
    return this.headerFilled === 0 && this.unfinished.every((message) => message === undefined);
  }

  /** Takes the next bytes. Throws ManifoldError "protocol-data" when they are no frames. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.hasGoodbye) this.refuse("bytes after the goodbye");
      if (this.target === undefined) {
        at = this.takeHeader(bytes, at);
      } else {
        at = this.takePayload(this.target, bytes, at);
      }
    }
  }

  private takeHeader(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length) {
      this.header[this.headerFilled++] = bytes[at++] as number;
      this.offset++;
      const kind = this.header[0] as number;
      const wanted = kind < keepAliveKind && (kind & firstFlag) !== 0;
      if (this.headerFilled === 1) this.checkKind(kind);
      if (this.headerFilled < (wanted ? firstHeaderBytes : headerBytes)) continue;
      this.headerFilled = 0;
      this.begin(kind);
      return at;
    }
    return at;
  }

  private checkKind(kind: number): void {
    if (kind === keepAliveKind || kind === goodbyeKind) return;
    if (kind > (laneMask | firstFlag | moreFlag) || (kind & laneMask) >= laneCount) {
      this.refuse(`frame of the unknown kind ${kind}`);
    }
  }

  /** The header is whole: checks it, and knows then where the payload goes. */
  private begin(kind: number): void {
    const [, low = 0, middle = 0, high = 0, ...rest] = this.header;
    const payload = low + middle * 0x100 + high * 0x10000;
    if (kind >= keepAliveKind) {
      this.control(kind, payload);
      return;
    }
    const lane = kind & laneMask;
    if (payload > framePayloadMax) {
      this.refuse(`frame of ${payload} bytes, the limit is ${framePayloadMax}`);
    }
    let message = this.unfinished[lane];
    if ((kind & firstFlag) !== 0) {
      if (message !== undefined) this.refuse(`message on lane ${lane} begins inside another`);
      message = this.allocate(lane, rest);
      this.unfinished[lane] = message;
    } else if (message === undefined) {
      this.refuse(`frame on lane ${lane} continues no message`);
    } else if (payload === 0) {
      this.refuse(`empty frame on lane ${lane}`);
    }
    const left = message.bytes.length - message.filled - payload;
    if (left < 0) this.refuse(`message on lane ${lane} is longer than it said`);
    if (left > 0 !== ((kind & moreFlag) !== 0)) {
      this.refuse(`message on lane ${lane} does not end where it said`);
    }
    if (left > 0 && payload === 0) this.refuse(`empty frame on lane ${lane}`);
    this.target = message;
    this.missing = payload;
    if (payload === 0) this.finishFrame(message);
  }

  private control(kind: number, payload: number): void {
    if (payload !== 0) this.refuse(`frame of kind ${kind} with ${payload} bytes`);
    this.frames++;
    if (kind !== goodbyeKind) return;
    if (!this.isBetweenMessages) this.refuse("goodbye inside a message");
    this.hasGoodbye = true;
    this.listener.goodbye();
  }

  private allocate(lane: number, lengthBytes: readonly number[]): Unfinished {
    const [a = 0, b = 0, c = 0, d = 0] = lengthBytes;
    const length = a + b * 0x100 + c * 0x10000 + d * 0x1000000;
    const limit = this.limits[lane] as number;
    if (length > limit) {
      this.refuse(`message of ${length} bytes on lane ${lane}, the limit is ${limit}`);
    }
    return { bytes: this.listener.room(lane as LaneNumber, length), filled: 0 };
  }

  private takePayload(message: Unfinished, bytes: Uint8Array, at: number): number {
    const count = Math.min(this.missing, bytes.length - at);
    copyBytes(message.bytes, message.filled, bytes, at, count);
    message.filled += count;
    this.missing -= count;
    this.offset += count;
    if (this.missing === 0) this.finishFrame(message);
    return at + count;
  }

  private finishFrame(message: Unfinished): void {
    this.target = undefined;
    this.frames++;
    if (message.filled < message.bytes.length) return;
    const lane = this.unfinished.indexOf(message);
    this.unfinished[lane] = undefined;
    const checksum = this.checksums[lane];
    const { bytes } = message;
    const whole = checksum === undefined ? bytes : this.verified(lane, bytes, checksum);
    this.listener.message(lane as LaneNumber, whole);
  }

  /** Returns what stands before the checksum, which has to be right. */
  private verified(lane: number, bytes: Uint8Array, checksum: RunningChecksum): Uint8Array {
    const length = Math.max(0, bytes.length - checksumBytes);
    const message = bytes.subarray(0, length);
    if (!checksum.add(message).every((byte, i) => byte === bytes[length + i])) {
      this.refuse(`message on lane ${lane} with a wrong checksum`);
    }
    return message;
  }

  private refuse(what: string): never {
    throw new ManifoldError(
      "protocol-data",
      `${this.label}: ${what}, at byte ${this.offset} after the hello`,
      { data: { offset: this.offset } },
    );
  }
}
