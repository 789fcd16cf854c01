// The server's side: sockets that have been accepted and not been read from. Who reads them, this
// process or another, is the caller's choice (handshake.ts makes channels of them).

import { createServer, type Socket } from "node:net";
import { ManifoldError } from "../../base/index.ts";
import type { ChannelServer } from "../channel.ts";
import { connectError, formatPlace } from "./connection-error.ts";
import { secureServer } from "./handshake.ts";
import type { Identity } from "./identity.ts";
import { parseSocketOptions } from "./socket-options.ts";
import type { SecureChannel } from "./tls-channel.ts";

/** Where to listen. */
export interface ListenOptions {
  /** 0 = one that the system chooses. */
  readonly port: number;
  /** A local address; default: all of them. */
  readonly address?: string | undefined;
  readonly ipVersion?: 4 | 6 | undefined;
  /** Connections that may wait to be accepted. */
  readonly backlog?: number | undefined;
  /** As of --sockopts; of each connection. */
  readonly socketOptions?: string | undefined;
}

/** Waits for peers at a port. */
export interface TcpServer extends ChannelServer {
  readonly port: number;
}

/** An accepted connection. */
export interface Accepted {
  readonly socket: Socket;
  /** The peer's address. */
  readonly address: string;
  readonly port: number;
}

/** Listens, and hands over each connection unread. Rejects with ManifoldError if the port cannot be had. */
export async function listenTcp(
  options: ListenOptions,
  accept: (accepted: Accepted) => void,
): Promise<TcpServer> {
  const setOptions = parseSocketOptions(options.socketOptions ?? "");
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    // Until somebody takes it over, a connection that breaks concerns nobody.
    socket.on("error", () => socket.destroy());
    const { remoteAddress, remotePort = 0 } = socket;
    setOptions(socket);
    if (remoteAddress === undefined) socket.destroy();
    else accept({ socket, address: plainAddress(remoteAddress), port: remotePort });
  });
  const { port, address, ipVersion, backlog } = options;
  const host = address ?? (ipVersion === 4 ? "0.0.0.0" : undefined);
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error): void => {
      const reason = connectError(formatPlace(host ?? "*", port), error).message;
      const message = reason.replace(/^Cannot connect to/, "Cannot listen at");
      reject(new ManifoldError("socket-io", message, { cause: error }));
    };
    server.once("error", failed);
    const only = ipVersion === 6 ? { ipv6Only: true, host: host ?? "::" } : { host };
    server.listen({ port, ...only, ...(backlog !== undefined && { backlog }) }, () => {
      server.off("error", failed);
      // Accepting may fail when descriptors run out; the next one may succeed.
      server.on("error", () => undefined);
      resolve();
    });
  });
  const bound = server.address();
  const at = typeof bound === "object" && bound !== null ? bound : { address: "", port };
  return {
    port: at.port,
    address: formatPlace(at.address, at.port),
    close: () =>
      new Promise((resolve) => {
        // Connections that are open stay, and are not waited for.
        server.close();
        resolve();
      }),
  };
}

/** Listens, and hands over channels. What does not come to be one is told to `refuse`. */
export function listenSecure(
  options: ListenOptions & { readonly identity: Identity; readonly handshakeMs?: number },
  accept: (channel: SecureChannel) => void,
  refuse: (error: ManifoldError) => void,
): Promise<TcpServer> {
  const { identity, handshakeMs } = options;
  return listenTcp(options, ({ socket, address, port }) => {
    const label = formatPlace(address, port);
    const limit = handshakeMs === undefined ? {} : { timeoutMs: handshakeMs };
    secureServer(socket, { identity, label, ...limit }).then(accept, (error: unknown) =>
      refuse(error instanceof ManifoldError ? error : connectError(label, error)),
    );
  });
}

/** IPv4 addresses that came through an IPv6 socket are written as people know them. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}
