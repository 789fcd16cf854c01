// Where reading is stopped and goes on: of the channel, and of what a compressed chunk that has come brings, which may be much.

import type { WatchedChannel } from "../wire/watched-channel.ts";

/** Stops reading. */
export class PullFlow {
  readonly #channel: Pick<WatchedChannel, "pause" | "resume">;
  readonly #goOn: () => void;
  #isPaused = false;
  #isHeldBack = false;

  /** `goOn`: what was held back may be taken; never called from within a call. */
  constructor(channel: Pick<WatchedChannel, "pause" | "resume">, goOn: () => void) {
    this.#channel = channel;
    this.#goOn = goOn;
  }

  pause(): void {
    this.#isPaused = true;
    this.#channel.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#channel.resume();
    if (!this.#isHeldBack) return;
    this.#isHeldBack = false;
    setImmediate(this.#goOn);
  }

  /** Says whether something that has come is to wait. */
  holdsBack(): boolean {
    this.#isHeldBack = this.#isPaused;
    return this.#isPaused;
  }
}
