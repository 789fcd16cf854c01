// A server and its clients on the loopback interface, for tests of TLS channels.

import { once } from "node:events";
import type { ManifoldError } from "../../src/base/index.ts";
import {
  type Channel,
  connectSecure,
  createIdentity,
  type Identity,
  listenSecure,
  type SecureChannel,
  type TcpServer,
} from "../../src/transport/index.ts";

/** A server that echoes, with everything that happened to it. */
export interface EchoServer extends AsyncDisposable {
  readonly server: TcpServer;
  readonly identity: Identity;
  readonly channels: readonly SecureChannel[];
  /** What each channel exported under the label "test". */
  readonly secrets: readonly Uint8Array[];
  /** Resolves when the next connection has been refused. */
  refused(): Promise<ManifoldError>;
}

/** Starts a server that sends back what it gets. */
export async function startEcho(options: { handshakeMs?: number } = {}): Promise<EchoServer> {
  const identity = createIdentity();
  const channels: SecureChannel[] = [];
  const secrets: Uint8Array[] = [];
  const refusals = new EventTarget();
  const waiting: ManifoldError[] = [];
  const server = await listenSecure(
    { port: 0, address: "127.0.0.1", identity, ...options },
    (channel) => {
      channels.push(channel);
      secrets.push(channel.exportSecret("test"));
      echo(channel);
    },
    (error) => {
      waiting.push(error);
      refusals.dispatchEvent(new Event("refused"));
    },
  );
  return {
    server,
    identity,
    channels,
    secrets,
    refused: async () => {
      if (waiting.length === 0) await once(refusals, "refused");
      return waiting.shift() as ManifoldError;
    },
    [Symbol.asyncDispose]: async () => {
      for (const channel of channels) channel.destroy();
      await server.close();
    },
  };
}

/** Sends back what comes, and reads no faster than it can send. */
export function echo(channel: Channel): void {
  channel.listen({
    data: (bytes) => {
      channel.send(bytes);
      if (channel.backlog > 1 << 20) channel.pause();
    },
    drained: () => channel.resume(),
    closed: () => undefined,
  });
}

/** Connects to an echo server as somebody new. */
export function call(echo: EchoServer, identity = createIdentity()): Promise<SecureChannel> {
  return connectSecure({ host: "127.0.0.1", port: echo.server.port, identity });
}

/** Sends the bytes and resolves to what came back, once it is as long; then closes. */
export function exchange(channel: Channel, bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    channel.listen({
      data: (piece) => {
        pieces.push(piece);
        length += piece.length;
        if (length >= bytes.length) channel.end();
      },
      drained: () => undefined,
      closed: (error) => (error === undefined ? resolve(Buffer.concat(pieces)) : reject(error)),
    });
    channel.send(bytes);
    channel.flush();
  });
}
