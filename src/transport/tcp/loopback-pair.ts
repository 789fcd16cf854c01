// Two sockets of this machine that are connected with each other, as TCP has them: for a program that is to find on its standard input
// what a daemon finds that accepts a connection.

import { connect, createServer, type Socket } from "node:net";
import { ManifoldError } from "../../base/index.ts";

/** Both ends; nothing has been read from either. */
interface LoopbackPair {
  readonly ours: Socket;
  readonly theirs: Socket;
}

const loopback = "127.0.0.1";

/** Makes a pair. Whoever else connects meanwhile is turned away. Rejects with ManifoldError. */
export function loopbackPair(): Promise<LoopbackPair> {
  return new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true });
    const fail = (cause: Error): void => {
      server.close();
      const message = `Cannot connect this machine with itself: ${cause.message}`;
      reject(new ManifoldError("socket-io", message, { cause }));
    };
    server.once("error", fail);
    server.listen(0, loopback, 1, () => {
      const address = server.address();
      const port = typeof address === "object" ? (address?.port ?? 0) : 0;
      const ours = connect(port, loopback);
      ours.once("error", fail);
      const accepted: Socket[] = [];
      // Either end may hear first that they are connected.
      const settle = (): void => {
        const theirs = accepted.find(({ remotePort }) => remotePort === ours.localPort);
        if (ours.connecting || theirs === undefined) return;
        for (const stranger of accepted) if (stranger !== theirs) stranger.destroy();
        ours.off("error", fail);
        server.close();
        resolve({ ours, theirs });
      };
      ours.once("connect", settle);
      server.on("connection", (socket) => {
        accepted.push(socket);
        settle();
      });
    });
  });
}
