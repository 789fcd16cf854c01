// What a run has of its conversation with an rsync at the other end, whichever way content goes: how that is reached, counted and
// given up, and the filter rules that it is told.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import type { FarPlaces, Options } from "../../options/index.ts";
import { formatFilterRules } from "../../tree/index.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { openDoor } from "../plan/open-door.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { unavailableOption } from "./rsync-arguments.ts";
import { type RsyncPeer, type RsyncWish, reachRsync } from "./rsync-reach.ts";

/** Such a conversation. Whoever makes it closes it. */
export class RsyncConversation {
  readonly #options: Options;
  readonly #far: FarPlaces;
  readonly #surroundings: Surroundings;
  #peer: RsyncPeer | undefined;
  #failure: ManifoldError | undefined;
  #abandon: ((error: ManifoldError) => void) | undefined;

  constructor(options: Options, far: FarPlaces, surroundings: Surroundings) {
    this.#options = options;
    this.#far = far;
    this.#surroundings = surroundings;
  }

  /** Bytes that went over the wire from here. */
  get bytesSent(): number {
    return this.#peer?.bytesSent ?? 0;
  }

  /** Bytes that came over the wire. */
  get bytesReceived(): number {
    return this.#peer?.bytesReceived ?? 0;
  }

  /** Gives up: whoever waits hears of it. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#abandon?.(error);
  }

  /** Throws why it was given up, if it was. */
  checkNotCancelled(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** What a run ends with: why it was given up comes before whatever that led to. */
  reasonOf(error: unknown): unknown {
    return this.#failure ?? error;
  }

  /** Throws ManifoldError for an option that waits. `sends`: this end does. */
  checkOptions(sends: boolean): void {
    const unavailable = unavailableOption(this.#options, sends);
    if (unavailable === undefined) return;
    const message = `${unavailable} is not available yet with rsync's protocol`;
    throw new ManifoldError("not-yet", message);
  }

  /** Reaches the other end. Rejects with ManifoldError; what is reached after that is let go at once. */
  async reach(wish: RsyncWish): Promise<RsyncPeer> {
    const reaching = reachRsync(this.#options, this.#far, this.#surroundings, wish);
    const peer = reaching.then((reached) => {
      if (this.#failure !== undefined) reached.destroy();
      this.#peer = reached;
      return reached;
    });
    return await this.wait(peer);
  }

  /** Waits for something, unless the run is stopped meanwhile. */
  wait<T>(waited: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      if (this.#failure !== undefined) reject(this.#failure);
      waited.then(resolve, reject);
    });
  }

  /** The run's filter rules as text, before those that are not the other end's are taken out. */
  rules(): ByteString[] {
    const fs = openDoor(this.#surroundings);
    const rules = parseRunFilters(fs, this.#options, this.#surroundings, () => undefined);
    return rules === undefined ? [] : formatFilterRules(rules);
  }

  /** Ends it. */
  close(): void {
    this.#peer?.destroy();
  }
}
