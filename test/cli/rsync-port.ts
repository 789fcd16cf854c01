// A real rsync daemon at a port of the loopback that the kernel chose: one of its processes for each connection, as inetd starts
// them, behind a line that has a rate and breaks. What the line does is changed while it runs.

import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** What is wrong with the line; everything may be changed at any time. */
export interface LineTrouble {
  /** Of all connections together, towards the client. */
  bytesPerSecond: number;
  /** After so many bytes of all of them together it breaks, and answers nobody any more. */
  diesAfter: number;
}

/** Such a daemon. */
export interface RsyncPort extends AsyncDisposable {
  readonly trouble: LineTrouble;
  /** Returns the URL of a path: its module and what is in it. */
  url(path: string): string;
  /** How many connections there have been. */
  connections(): number;
}

const sliceBytes = 16 * 1024;

/** Starts one with a configuration that names a module (rsyncPlace). */
export async function startRsyncPort(config: string): Promise<RsyncPort> {
  const trouble: LineTrouble = {
    bytesPerSecond: Number.POSITIVE_INFINITY,
    diesAfter: Number.POSITIVE_INFINITY,
  };
  const children = new Set<ChildProcess>();
  const sockets = new Set<Socket>();
  let connections = 0;
  let freeAt = 0;
  let sent = 0;
  const pace = async (bytes: number): Promise<void> => {
    sent += bytes;
    if (sent > trouble.diesAfter) throw new Error("The line is dead.");
    const now = performance.now();
    freeAt = Math.max(freeAt, now) + (bytes / trouble.bytesPerSecond) * 1000;
    if (freeAt > now + 1) await new Promise((resolve) => setTimeout(resolve, freeAt - now).unref());
  };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections++;
    if (sent > trouble.diesAfter) {
      socket.destroy();
      return;
    }
    const { child, daemon } = startDaemon(config);
    children.add(child);
    sockets.add(socket);
    const end = (): void => {
      socket.destroy();
      daemon.destroy();
    };
    child.on("exit", () => children.delete(child));
    socket.on("error", end).on("close", () => {
      sockets.delete(socket);
      daemon.destroy();
    });
    daemon.on("error", end);
    socket.pipe(daemon);
    void carry(daemon, socket, pace).then(() => socket.end(), end);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    trouble,
    url: (path) => `rsync://127.0.0.1:${port}/${path}`,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      const ends = [...children].map(
        (child) => new Promise((resolve) => child.once("exit", resolve)),
      );
      for (const child of children) child.kill();
      await Promise.all(ends);
    },
  };
}

/** It wants one socket for both directions. */
function startDaemon(config: string): { readonly child: ChildProcess; readonly daemon: Duplex } {
  const script = 'exec rsync --daemon --config="$0" <&3 >&3 3>&-';
  const child = spawn("/bin/sh", ["-c", script, config], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  return { child, daemon: child.stdio[3] as unknown as Duplex };
}

async function carry(
  daemon: Duplex,
  socket: Socket,
  pace: (bytes: number) => Promise<void>,
): Promise<void> {
  for await (const chunk of daemon as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at += sliceBytes) {
      const slice = chunk.subarray(at, Math.min(chunk.length, at + sliceBytes));
      await pace(slice.length);
      if (!socket.write(slice)) await new Promise((resolve) => socket.once("drain", resolve));
    }
  }
}
