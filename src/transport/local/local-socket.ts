// Connections between processes of one machine, under names that no file stands for: they go with whoever
// listens (unix(7), abstract sockets). Anybody on the machine may connect to one.

import { connect, createServer } from "node:net";
import process from "node:process";
import { ManifoldError } from "../../base/index.ts";
import type { Channel, ChannelServer } from "../channel.ts";
import { StreamChannel } from "../stream-channel.ts";

/** Says whether this system has such names. */
export function hasLocalSockets(): boolean {
  return process.platform === "linux";
}

/** Listens under a name. Rejects with ManifoldError when that cannot be. */
export function listenLocal(
  name: string,
  label: string,
  accept: (channel: Channel) => void,
): Promise<ChannelServer> {
  const server = createServer((socket) => accept(new StreamChannel(socket, socket, label)));
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new ManifoldError("socket-io", `Cannot listen: ${cause.message}`, { cause })),
    );
    server.listen(`\0${name}`, () => {
      // Accepting may fail when descriptors run out; the next one may succeed.
      server.on("error", () => undefined);
      resolve({
        address: name,
        close: () =>
          new Promise((closed) => {
            server.close();
            closed();
          }),
      });
    });
  });
}

/** Connects to whoever listens under a name. Rejects with ManifoldError. */
export function connectLocal(name: string, label: string): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = connect(`\0${name}`);
    const failed = (cause: Error): void =>
      reject(new ManifoldError("socket-io", `${label}: nobody listens`, { cause }));
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      resolve(new StreamChannel(socket, socket, label));
    });
  });
}
