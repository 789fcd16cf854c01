// The messages of a session, lane by lane to whoever takes them at the moment; what comes before
// anybody does waits.

import { ManifoldError } from "../../base/index.ts";
import {
  type ControlMessage,
  type DatagramsMessage,
  decodeControl,
  encodeControl,
  type JoinableMessage,
  type LaneNumber,
  lane,
  type Peer,
} from "../../session/index.ts";

/** Messages, and bytes of them, that may come before anybody takes their lane. A good end sends hardly any. */
const waitingMax = 64;
const waitingBytesMax = 1024 * 1024;

type Taker = (message: Uint8Array) => void;

/** Connects messages. */
export class Switchboard {
  readonly peer: Peer;
  readonly #takers = new Map<LaneNumber, Taker>();
  #waiting: { readonly lane: LaneNumber; readonly message: Uint8Array }[] = [];
  #waitingBytes = 0;
  #drained: () => void = () => undefined;
  #joinable: ((message: JoinableMessage) => void) | undefined;
  #datagrams: ((message: DatagramsMessage) => void) | undefined;
  #broken: ((error: ManifoldError) => void) | undefined;
  #failure: ManifoldError | undefined;
  #isClosed = false;
  #closed: () => void = () => undefined;
  /** Resolves when the connection is over, however it ended. */
  readonly closed = new Promise<void>((resolve) => {
    this.#closed = resolve;
  });

  constructor(peer: Peer) {
    this.peer = peer;
    peer.listen({
      message: (number, message) => this.#take(number, message),
      drained: () => this.#drained(),
      closed: (error) => {
        this.#isClosed = true;
        this.#closed();
        this.#fail(error ?? gone(peer.label));
      },
    });
  }

  /** Takes the messages of a lane from here on. What it throws ends the session. */
  on(number: LaneNumber, taker: Taker): void {
    this.#takers.set(number, taker);
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    // Whoever takes one may leave the lane to somebody else again, for whom the rest goes on waiting.
    for (const { lane: at, message } of waiting) {
      if (at === number) this.#take(at, message);
      else this.#wait(at, message);
    }
  }

  /** The same for control messages, decoded; the failure of the other end is told to onBroken(). */
  onControl(taker: (message: ControlMessage) => void): void {
    this.on(lane.control, (bytes) => {
      const message = decodeControl(bytes);
      if (message.kind === "failed") this.#fail(new ManifoldError(message.code, message.message));
      else if (message.kind === "joinable" && this.#joinable !== undefined) this.#joinable(message);
      else if (message.kind === "datagrams" && this.#datagrams !== undefined) {
        this.#datagrams(message);
      } else taker(message);
    });
  }

  /** Takes, once, what the other end says of more connections. */
  onJoinable(taker: (message: JoinableMessage) => void): void {
    this.#joinable = (message) => {
      this.#joinable = undefined;
      taker(message);
    };
  }

  /** Takes, once, what the other end says of datagrams. */
  onDatagrams(taker: (message: DatagramsMessage) => void): void {
    this.#datagrams = (message) => {
      this.#datagrams = undefined;
      taker(message);
    };
  }

  /** Lets messages of the lane wait until somebody else takes them. */
  off(number: LaneNumber): void {
    this.#takers.delete(number);
  }

  /** Hears when there is room for more. */
  onDrained(drained: () => void): void {
    this.#drained = drained;
  }

  /** Hears, once, why nothing more can come: the other end failed, broke the protocol, or is gone. */
  onBroken(broken: (error: ManifoldError) => void): void {
    this.#broken = broken;
    if (this.#failure !== undefined) broken(this.#failure);
  }

  /** Nobody minds any more if the other end goes. */
  letGo(): void {
    this.#broken = () => undefined;
  }

  tell(message: ControlMessage): void {
    if (!this.#isClosed) this.peer.send(lane.control, encodeControl(message));
  }

  #take(number: LaneNumber, message: Uint8Array): void {
    try {
      const taker = this.#takers.get(number);
      if (taker === undefined) this.#wait(number, message);
      else taker(message);
    } catch (error) {
      if (!(error instanceof ManifoldError)) throw error;
      const { code, message: text } = error;
      this.tell({ kind: "failed", code, message: text });
      this.#fail(error);
    }
  }

  #wait(number: LaneNumber, message: Uint8Array): void {
    this.#waitingBytes += message.length;
    if (this.#waiting.length >= waitingMax || this.#waitingBytes > waitingBytesMax) {
      this.#waiting = [];
      this.#takers.set(number, () => undefined);
      throw new ManifoldError(
        "protocol-data",
        `The other end sent messages on lane ${number} that nobody asked for`,
      );
    }
    this.#waiting.push({ lane: number, message });
  }

  #fail(error: ManifoldError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#broken?.(error);
  }
}

function gone(label: string): ManifoldError {
  return new ManifoldError("protocol-data", `Lost ${label}: it ended the connection too early`);
}
