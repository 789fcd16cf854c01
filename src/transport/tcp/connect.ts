// The client's side of TLS channels: from a host's name to a peer whose key is known.

import { connect, isIP, type Socket } from "node:net";
import { type Clock, ManifoldError, systemClock } from "../../base/index.ts";
import type { Channel } from "../channel.ts";
import { StreamChannel } from "../stream-channel.ts";
import { connectError, formatPlace } from "./connection-error.ts";
import { secureClient } from "./handshake.ts";
import type { Identity } from "./identity.ts";
import { parseSocketOptions } from "./socket-options.ts";
import type { SecureChannel } from "./tls-channel.ts";

/** The port of `manifold serve` when none is named. */
export const defaultPort = 8730;

/** Whom to call, and how. */
export interface ConnectOptions {
  readonly host: string;
  /** Default: `defaultPort`. */
  readonly port?: number | undefined;
  readonly identity: Identity;
  /** Use only addresses of this kind. */
  readonly ipVersion?: 4 | 6 | undefined;
  /** Name or number of the local address to call from. */
  readonly localAddress?: string | undefined;
  /** As of --sockopts. */
  readonly socketOptions?: string | undefined;
  /** For the connection, and again for the handshake; 0 or undefined = the system's time and `handshakeMsMax`. */
  readonly timeoutMs?: number | undefined;
  readonly clock?: Clock;
  /** Nobody needs the connection any more, made or not. */
  readonly signal?: AbortSignal | undefined;
}

/** Connects, and proves each end's key to the other. Rejects with a ManifoldError that names host and port. */
export async function connectSecure(options: ConnectOptions): Promise<SecureChannel> {
  const { host, port = defaultPort, identity, clock = systemClock, timeoutMs = 0 } = options;
  const label = formatPlace(host, port);
  const setOptions = parseSocketOptions(options.socketOptions ?? "");
  const socket = await connectSocket({ ...options, port, clock, timeoutMs }, label);
  setOptions(socket);
  return secureClient(socket, { identity, label, clock, ...(timeoutMs > 0 && { timeoutMs }) });
}

/** Connects without TLS, for protocols that have none. Rejects as connectSecure(). */
export async function connectPlain(
  options: Omit<ConnectOptions, "identity" | "port"> & { readonly port: number },
): Promise<Channel> {
  const { host, port, clock = systemClock, timeoutMs = 0 } = options;
  const label = formatPlace(host, port);
  const setOptions = parseSocketOptions(options.socketOptions ?? "");
  const socket = await connectSocket({ ...options, port, clock, timeoutMs }, label);
  setOptions(socket);
  socket.setNoDelay(true);
  return new StreamChannel(socket, socket, label);
}

async function connectSocket(
  options: Omit<ConnectOptions, "identity"> & { port: number; clock: Clock; timeoutMs: number },
  label: string,
): Promise<Socket> {
  const { host, port, ipVersion, clock, timeoutMs, signal } = options;
  const localAddress = await addressOf(options.localAddress, ipVersion, label);
  return new Promise((resolve, reject) => {
    const family = ipVersion ?? 0;
    const socket = connect({
      ...{ host, port, family },
      ...(localAddress && { localAddress }),
      ...(signal && { signal }),
    });
    const refuse = (error: ManifoldError): void => {
      cancel();
      socket.destroy();
      reject(error);
    };
    const cancel =
      timeoutMs === 0
        ? () => undefined
        : clock.after(timeoutMs, () => {
            const message = `Cannot connect to ${label} within ${timeoutMs / 1000} seconds`;
            refuse(new ManifoldError("connect-timeout", message));
          });
    const failed = (error: Error): void => refuse(connectError(label, error));
    socket.once("error", failed);
    socket.once("connect", () => {
      cancel();
      socket.off("error", failed);
      resolve(socket);
    });
  });
}

async function addressOf(
  name: string | undefined,
  ipVersion: 4 | 6 | undefined,
  label: string,
): Promise<string | undefined> {
  if (name === undefined || isIP(name) !== 0) return name;
  try {
    const { promises: dns } = await import("node:dns");
    return (await dns.lookup(name, { family: ipVersion ?? 0 })).address;
  } catch (error) {
    const message = `Cannot connect to ${label} from ${name}: no such host`;
    throw new ManifoldError("socket-io", message, { cause: error });
  }
}

/** Returns the channel on a socket that somebody has accepted, without TLS. */
export function plainChannel(socket: Socket, label: string): Channel {
  return new StreamChannel(socket, socket, label);
}
