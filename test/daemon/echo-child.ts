// The process of one connection, with a conversation that echoes; the module "crash" breaks at the first word, the module
// "user" changes to nobody and tells who it is.

import { systemClock } from "../../src/base/index.ts";
import { serveConnection } from "../../src/daemon/index.ts";
import type { Channel } from "../../src/transport/index.ts";

function converse(channel: Channel, name: string): Promise<number> {
  if (name === "user") channel.send(Buffer.from(`${process.getuid?.()}:${process.getgid?.()}\n`));
  return new Promise((resolve) => {
    channel.listen({
      data: (bytes) => {
        if (name === "crash") process.kill(process.pid, "SIGKILL");
        channel.send(bytes);
      },
      drained: () => undefined,
      closed: (error) => resolve(error?.exit ?? 0),
    });
  });
}

process.exitCode = await serveConnection({
  clock: systemClock,
  processId: process.pid,
  becomeUser: ({ uid }) => {
    if (uid === undefined) return;
    process.setgroups?.([]);
    process.setgid?.(65534);
    process.setuid?.(65534);
  },
  converse: (channel, { name }) => converse(channel, name),
});
process.disconnect?.();
