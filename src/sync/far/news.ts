// What a run tells, on its way to the client: gathered for a moment, so that many events are one
// message.

import {
  type EndedMessage,
  encodeNews,
  type FailedMessage,
  lane,
  type Peer,
} from "../../session/index.ts";
import { type Counters, counterNames, type ProgressEvent } from "../../tree/index.ts";

const eventsAtOnce = 512;

/** Gathers and sends. */
export class NewsSender {
  readonly #peer: Peer;
  readonly #state: () => { counters: Counters | undefined; scanComplete: boolean };
  #events: ProgressEvent[] = [];
  #isWaiting = false;

  constructor(peer: Peer, state: () => { counters: Counters | undefined; scanComplete: boolean }) {
    this.#peer = peer;
    this.#state = state;
  }

  /** Takes an event. */
  event(event: ProgressEvent): void {
    this.#events.push(event);
    if (this.#events.length >= eventsAtOnce) this.flush();
    else if (!this.#isWaiting) {
      this.#isWaiting = true;
      setImmediate(() => {
        this.#isWaiting = false;
        if (this.#events.length > 0) this.flush();
      });
    }
  }

  /** Sends what there is, and the counters; `end`: and nothing more. */
  flush(end?: EndedMessage | FailedMessage): void {
    const { counters, scanComplete } = this.#state();
    const values = counters === undefined ? [] : counterNames.map((name) => counters[name]);
    const message = { events: this.#events, counters: values, scanComplete, end };
    this.#events = [];
    this.#peer.send(lane.news, encodeNews(message));
  }
}
