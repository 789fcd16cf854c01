// Signs of life: when this end has to give one, and when the other end has been silent for too long.

import type { Clock } from "../base/index.ts";
import { livelyBytes } from "./limits.ts";

/** An end that has been silent for this part of the timeout gives a sign. */
const beatShare = 3;
/**
 * Extra time before silence is believed, in milliseconds: after a turn of the event loop that took long, timers come
 * before what has been waiting in the kernel all the while.
 */
const doubtMs = 100;

/** What the heart does. */
export interface HeartActions {
  /** Nothing was sent for a third of the timeout. */
  beat(): void;
  /** Nothing was received for the timeout. */
  silent(): void;
  /** True while this end itself does not read, so that silence means nothing. */
  isDeaf(): boolean;
}

/** The timers of one session. */
export class Heartbeat {
  private readonly clock: Clock;
  private readonly timeoutMs: number;
  private readonly actions: HeartActions;
  private lastSent: number;
  private lastReceived: number;
  private receivedBytes = 0;
  private isDoubtful = false;
  private stopBeat: (() => void) | undefined;
  private stopWatch: (() => void) | undefined;

  constructor(clock: Clock, timeoutMs: number, actions: HeartActions) {
    this.clock = clock;
    this.timeoutMs = timeoutMs;
    this.actions = actions;
    this.lastSent = clock.now();
    this.lastReceived = this.lastSent;
    if (timeoutMs === 0) return;
    this.armBeat(timeoutMs / beatShare);
    this.armWatch(timeoutMs);
  }

  /** Something has been sent. */
  sent(): void {
    if (this.timeoutMs > 0) this.lastSent = this.clock.now();
  }

  /** Bytes have come, and with them a whole frame or not. */
  received(bytes: number, isWhole: boolean): void {
    if (this.timeoutMs === 0) return;
    this.receivedBytes += bytes;
    if (!isWhole && this.receivedBytes < livelyBytes) return;
    this.receivedBytes = 0;
    this.isDoubtful = false;
    this.lastReceived = this.clock.now();
  }

  /** Ends both timers. */
  stop(): void {
    this.stopBeat?.();
    this.stopWatch?.();
  }

  private armBeat(delayMs: number): void {
    this.stopBeat = this.clock.after(Math.max(1, delayMs), () => {
      const due = this.lastSent + this.timeoutMs / beatShare;
      const left = due - this.clock.now();
      if (left <= 0) {
        this.actions.beat();
        this.armBeat(this.timeoutMs / beatShare);
      } else {
        this.armBeat(left);
      }
    });
  }

  private armWatch(delayMs: number): void {
    this.stopWatch = this.clock.after(Math.max(1, delayMs), () => {
      const now = this.clock.now();
      if (this.actions.isDeaf()) this.lastReceived = now;
      const left = this.lastReceived + this.timeoutMs - now;
      if (left > 0) {
        this.armWatch(left);
      } else if (this.isDoubtful) {
        this.actions.silent();
      } else {
        this.isDoubtful = true;
        this.armWatch(doubtMs);
      }
    });
  }
}
