// A channel over TLS 1.3 whose peer has proved which key it holds.

import type { TLSSocket } from "node:tls";
import { type Clock, type ManifoldError, systemClock } from "../../base/index.ts";
import type { Channel, ChannelListener } from "../channel.ts";
import { brokenError } from "./connection-error.ts";

/** A channel that tells who is at its other end. */
export interface SecureChannel extends Channel {
  /** The fingerprint of the peer's key: "SHA256:...". */
  readonly peerKey: string;
  /** Returns 32 bytes that both ends of this connection, and nobody else, can compute (RFC 8446, 7.5). */
  exportSecret(label: string): Uint8Array;
}

/** How long a peer may take to close its side after we closed ours. */
const lingerMs = 10_000;

/**
 * Makes the channel of a socket whose handshake is over and whose peer is `peerKey`. That the peer closed the connection
 * is no proof that it sent all it wanted to: a conversation has an end of its own.
 */
export function secureChannel(
  socket: TLSSocket,
  label: string,
  peerKey: string,
  clock: Clock = systemClock,
): SecureChannel {
  return new TlsChannel(socket, label, peerKey, clock);
}

class TlsChannel implements SecureChannel {
  readonly label: string;
  readonly peerKey: string;
  readonly #socket: TLSSocket;
  readonly #clock: Clock;
  #listener: ChannelListener | undefined;
  #isCorked = false;
  #isClosed = false;
  #broken: ManifoldError | undefined;
  #stopLingering: () => void = () => undefined;

  constructor(socket: TLSSocket, label: string, peerKey: string, clock: Clock) {
    this.label = label;
    this.peerKey = peerKey;
    this.#socket = socket;
    this.#clock = clock;
    socket.setNoDelay(true);
    // Trouble that comes before anybody listens is told then.
    socket.on("error", (error) => {
      this.#broken ??= brokenError(label, error);
    });
    socket.once("close", () => {
      this.#isClosed = true;
      this.#stopLingering();
      this.#listener?.closed(this.#broken);
    });
  }

  exportSecret(label: string): Uint8Array {
    return this.#socket.exportKeyingMaterial(32, label, Buffer.alloc(0));
  }

  get backlog(): number {
    return this.#socket.writableLength;
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener;
    this.#socket.on("drain", () => listener.drained());
    this.#socket.on("data", (bytes: Uint8Array) => listener.data(bytes));
    if (this.#isClosed) queueMicrotask(() => listener.closed(this.#broken));
  }

  send(bytes: Uint8Array, left?: () => void): void {
    if (this.#isClosed || this.#socket.writableEnded || this.#socket.destroyed) return;
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      queueMicrotask(() => this.flush());
    }
    this.#socket.write(bytes, (error) => {
      if (!error) left?.();
    });
  }

  flush(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#isClosed || this.#socket.writableEnded) return;
    this.flush();
    this.#socket.end(() => {
      this.#stopLingering = this.#clock.after(lingerMs, () => this.#socket.destroy());
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
