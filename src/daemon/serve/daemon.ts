// The daemon itself: it listens, starts a process for each connection, and counts. It reads nothing that a
// peer sends.

import type { ByteString } from "../../base/index.ts";
import {
  type Accepted,
  type ConnectionProcess,
  forkForSocket,
  type Identity,
  listenTcp,
  type TcpServer,
} from "../../transport/index.ts";
import type { DaemonConfig } from "../config/module.ts";
import { type ConnectionLetter, type Log, readNews } from "./letter.ts";

/** Connections that may be between their beginning and their module at the same moment; each is a process. */
const strangersMax = 16;
/** Connections that may wait for that; those that come then are closed. */
const waitingMax = 256;

/** What a daemon is started with. */
export interface DaemonOptions {
  readonly config: DaemonConfig;
  /** Undefined = there is no TLS: rsync's clients come here. */
  readonly identity: Identity | undefined;
  /** 0 = one that the system chooses. */
  readonly port: number;
  /** The module that each connection's process runs, and its arguments. */
  readonly program: string | URL;
  readonly arguments?: readonly string[];
  /** Where an invitation would be; guests are added to the configuration's allowed keys. */
  readonly invitation: ByteString;
  readonly ipVersion?: 4 | 6 | undefined;
  readonly log: Log;
}

/** A daemon that runs. */
export interface Daemon {
  readonly address: string;
  readonly port: number;
  /** Those who come from now on meet this configuration. Address and port stay. */
  reload(config: DaemonConfig): void;
  /** Takes nobody in any more; resolves when the last connection has ended. */
  drain(): Promise<void>;
  /** Ends all connections. */
  end(): void;
}

/** Begins to listen. Rejects with ManifoldError if the port cannot be had. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { settings } = options.config;
  const running = new RunningDaemon(options);
  const server = await listenTcp(
    {
      port: options.port,
      address: settings.address,
      ipVersion: options.ipVersion,
      backlog: Math.max(settings.listenBacklog, strangersMax),
      socketOptions: settings.socketOptions,
    },
    (accepted) => running.accept(accepted),
  );
  running.listensAt(server);
  return running;
}

interface Connection {
  readonly number: number;
  process: ConnectionProcess | undefined;
  /** Undefined until it is in one. */
  module: ByteString | undefined;
}

class RunningDaemon implements Daemon {
  readonly #options: DaemonOptions;
  readonly #connections = new Set<Connection>();
  readonly #waiting: Accepted[] = [];
  #config: DaemonConfig;
  #server: TcpServer | undefined;
  #drained: (() => void) | undefined;
  #count = 0;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  get address(): string {
    return this.#server?.address ?? "";
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  listensAt(server: TcpServer): void {
    this.#server = server;
  }

  reload(config: DaemonConfig): void {
    this.#config = config;
    this.#options.log("reload", { modules: config.modules.length });
  }

  async drain(): Promise<void> {
    this.#options.log("drain", { connections: this.#connections.size });
    await this.#server?.close();
    for (const { socket } of this.#waiting.splice(0)) socket.destroy();
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    this.#options.log("end", {});
  }

  end(): void {
    for (const { process } of this.#connections) process?.kill("SIGTERM");
  }

  accept(accepted: Accepted): void {
    if (this.#waiting.length >= waitingMax) {
      accepted.socket.destroy();
      this.#options.log("overrun", { peer: accepted.address });
      return;
    }
    this.#waiting.push(accepted);
    this.#startWaiting();
  }

  #startWaiting(): void {
    const strangers = [...this.#connections].filter(({ module }) => module === undefined).length;
    for (let free = strangersMax - strangers; free > 0; free--) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#start(next);
    }
  }

  #start({ socket, address, port }: Accepted): void {
    const { identity, invitation: file, program, log, arguments: words = [] } = this.#options;
    const { allowedKeys: allowed } = this.#config.settings;
    const connection: Connection = { number: ++this.#count, process: undefined, module: undefined };
    const letter: ConnectionLetter = {
      config: this.#config,
      keyPem: identity?.keyPem,
      pairing: allowed === undefined ? undefined : { file, allowed },
      address,
      port,
    };
    this.#connections.add(connection);
    const watcher = {
      message: (message: unknown) => this.#hear(connection, message),
      ended: (how: string) => {
        this.#connections.delete(connection);
        log("disconnect", { connection: connection.number, peer: address, exit: how });
        this.#startWaiting();
        if (this.#connections.size === 0) this.#drained?.();
      },
    };
    connection.process = forkForSocket({ program, words }, socket, letter, watcher);
    const { pid = 0 } = connection.process;
    log("connect", { connection: connection.number, peer: address, pid });
  }

  #hear(connection: Connection, message: unknown): void {
    const news = readNews(message);
    if (news === undefined) return;
    if (news.kind === "log") {
      this.#options.log(news.event, { ...news.fields, connection: connection.number });
      return;
    }
    const module = this.#config.modules.find(({ name }) => name === news.module);
    const inside = [...this.#connections].filter((other) => other.module === news.module).length;
    const max = module?.maxConnections ?? -1;
    const ok = connection.module === undefined && max >= 0 && (max === 0 || inside < max);
    if (ok) connection.module = news.module;
    connection.process?.tell({ ok });
    this.#startWaiting();
  }
}
