// Where targets of a cast come in by themselves (`manifold catch --master`): a port, keys that are let in, and a line that
// says who comes back.

import { ManifoldError, systemClock } from "../base/index.ts";
import {
  type ClientService,
  type DaemonConfig,
  loadIdentity,
  type Module,
  serveAccepted,
  writableModule,
} from "../daemon/index.ts";
import { castModule, type Options } from "../options/index.ts";
import { type CastRun, defaultPort, lineChannel, listenTcp } from "../sync/index.ts";
import { serverPlaces } from "./server-places.ts";

/** How long a target may think about that line. */
const visitMs = 10_000;
const visitForm = /^visit ([0-9a-f]{32})$/;

/** Such a door. */
export interface CastDoor {
  close(): Promise<void>;
}

/** Opens it. Rejects with ManifoldError. */
export async function openCastDoor(
  { own, remote }: Options,
  run: Pick<CastRun, "admit">,
): Promise<CastDoor> {
  const { config, key, invitation } = serverPlaces(own.catch.config, "allowed_keys");
  const { settings } = config;
  const ground = {
    config: withOneModule(config, (allowedKeys) => writableModule(castModule, "/", allowedKeys)),
    ...{ identity: loadIdentity(key), invitation, log: () => undefined },
  };
  const sockets = new Set<{ destroy(): unknown }>();
  const service: ClientService = {
    clock: systemClock,
    processId: process.pid,
    becomeUser: () => undefined,
    converse: async (channel, _module, { name, address }) => {
      const lines = lineChannel(channel, systemClock);
      const [, id] = visitForm.exec(await lines.readLine(visitMs)) ?? [];
      if (id === undefined) throw new ManifoldError("protocol-data", `${address} is no catcher`);
      await run.admit(lines, `${name} (${address})`, id);
      return 0;
    },
  };
  const port = remote.port ?? settings.port ?? defaultPort;
  const address = remote.address ?? settings.address;
  const { ipVersion, sockopts: socketOptions = settings.socketOptions } = remote;
  const server = await listenTcp({ port, address, ipVersion, socketOptions }, (accepted) => {
    const { socket } = accepted;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    void serveAccepted(accepted, ground, service);
  });
  return {
    async close() {
      const closed = server.close();
      // Whoever has had everything waits here for the end.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The configuration says who may come; what there is here is one module. Throws a usage error. */
export function withOneModule(
  { settings, warnings }: DaemonConfig,
  module: (allowedKeys: string) => Module,
): DaemonConfig {
  const { allowedKeys } = settings;
  if (allowedKeys === undefined) {
    const says = `Who may come? The file of "allowed keys" stands before the first module`;
    throw new ManifoldError("usage", says);
  }
  return { settings, warnings, modules: [module(allowedKeys)] };
}
