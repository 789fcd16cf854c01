// What the process of one connection does: the handshake, one line that says what the client wants, the
// decision, the change of user, and then somebody else's conversation.

import { type ByteString, type Clock, ManifoldError, toBytes, toText } from "../../base/index.ts";
import { FsError, takeSlot } from "../../fs/index.ts";
import {
  type Accepted,
  type Channel,
  formatPlace,
  type Identity,
  type LineChannel,
  lineChannel,
  parseIdentity,
  plainChannel,
  type SecureChannel,
  secureServer,
  takeErrand,
} from "../../transport/index.ts";
import { expandModule } from "../config/client-variables.ts";
import type { DaemonConfig, Module } from "../config/module.ts";
import { refusedParameters } from "../config/parameters.ts";
import { mayComeFrom } from "../config/parse-config.ts";
import { allowedName, allowKey } from "../keys/allowed-keys.ts";
import { answerGuest, pairingLabel } from "../keys/pairing.ts";
import { formatAnswer, parseWish } from "./hello.ts";
import type { ConnectionLetter, ConnectionNews, EnterAnswer, Log } from "./letter.ts";

/** Who a client is. */
export interface Client {
  /** The fingerprint of its key, "" on a pipe. */
  readonly key: string;
  /** Its name in the module's allowed keys, "" without one. */
  readonly name: string;
  readonly address: string;
}

/** What the rest of the program lends to a connection. */
export interface ClientService {
  readonly clock: Clock;
  /** This process's number, for commands that are told of it. */
  readonly processId: number;
  /** Becomes the module's user for good. Throws ManifoldError. */
  becomeUser(module: Module): void;
  /** Holds the conversation, in which the client can reach nothing but the module; resolves to its exit status. */
  converse(channel: Channel, module: Module, client: Client, log: Log): Promise<number>;
  /** Answers an rsync client, whose first line this was; resolves to the exit status. Undefined = there is nobody who does. */
  answerRsync?(lines: LineChannel, first: ByteString, ground: ClientGround): Promise<number>;
}

/** What an answer to a client depends on. */
export interface ClientGround {
  readonly config: DaemonConfig;
  readonly pairing: ConnectionLetter["pairing"];
  readonly address: string;
  readonly log: Log;
  /** Says whether there is room in the module, and takes it. */
  enter(module: ByteString): Promise<boolean>;
}

/** How long a client may think about its first line. */
const helloMs = 10_000;

/** rsync's own place for it. */
const lockFile = "/var/run/rsyncd.lock";

/** One line for all reasons that are not the client's to know. */
const notHere = "there is no such module, or it is not for you";

/** In a process that the daemon started: serves its connection and returns the exit status. Rejects with what is a bug. */
export async function serveConnection(service: ClientService): Promise<number> {
  const errand = await takeErrand();
  const { config, pairing, address, port, keyPem } = errand.letter as ConnectionLetter;
  const log: Log = (event, fields) => {
    const news: ConnectionNews = { kind: "log", event, fields };
    errand.tell(news);
  };
  const enter = async (module: ByteString): Promise<boolean> =>
    ((await errand.ask({ kind: "enter", module })) as EnterAnswer).ok;
  const connection = new ClientConnection({ config, pairing, address, log, enter }, service);
  return toldInTheLog(log, async () => {
    const { clock } = service;
    const label = formatPlace(address, port);
    if (keyPem === undefined) {
      const plain = plainChannel(errand.socket, label);
      return connection.answer(lineChannel(plain, clock), undefined);
    }
    const identity = parseIdentity(keyPem, "the daemon's key");
    const secure = await secureServer(errand.socket, { identity, label, clock });
    const { fingerprint: serverKey } = identity;
    return connection.answer(lineChannel(secure, clock), { secure, serverKey });
  });
}

/** What a client that this process serves itself is met with. */
export interface ServingGround {
  readonly config: DaemonConfig;
  readonly identity: Identity;
  /** Where an invitation would be; guests are added to the configuration's allowed keys. */
  readonly invitation: ByteString;
  readonly log: Log;
}

/** Serves an accepted connection in this process, beside others, and returns the exit status. Rejects with what is a bug. */
export function serveAccepted(
  { socket, address, port }: Accepted,
  { config, identity, invitation: file, log }: ServingGround,
  service: ClientService,
): Promise<number> {
  const { allowedKeys: allowed } = config.settings;
  const pairing = allowed === undefined ? undefined : { file, allowed };
  const enter = () => Promise.resolve(true);
  const connection = new ClientConnection({ config, pairing, address, log, enter }, service);
  return toldInTheLog(log, async () => {
    const { clock } = service;
    const secure = await secureServer(socket, {
      identity,
      label: formatPlace(address, port),
      clock,
    });
    const { fingerprint: serverKey } = identity;
    return connection.answer(lineChannel(secure, clock), { secure, serverKey });
  });
}

/**
 * Serves one client on a channel that leads to somebody who was let in by other means: whoever started us with a pipe. Returns
 * the exit status.
 */
export function servePipe(
  channel: Channel,
  config: DaemonConfig,
  service: ClientService,
  log: Log,
): Promise<number> {
  const ground = {
    config,
    pairing: undefined,
    address: "127.0.0.1",
    log,
    enter: (name: ByteString) => Promise.resolve(takePlace(config, name, log)),
  };
  const connection = new ClientConnection(ground, service);
  return toldInTheLog(log, () => connection.answer(lineChannel(channel, service.clock), undefined));
}

/** Who serves pipes are processes that know nothing of each other, and count by rsync's lock file. */
function takePlace({ modules }: DaemonConfig, wanted: ByteString, log: Log): boolean {
  const module = modules.find(({ name }) => name === wanted);
  const max = module?.maxConnections ?? -1;
  if (max <= 0) return max === 0;
  const path = module?.rsync["lock file"] ?? lockFile;
  try {
    const taken = takeSlot(path, max);
    if (taken === undefined) log("warning", { says: "connections cannot be counted here" });
    return taken ?? true;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    log("warning", { says: `lock file: ${error.message}` });
    return false;
  }
}

async function toldInTheLog(log: Log, serve: () => Promise<number>): Promise<number> {
  try {
    return await serve();
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    log("refused", { code: error.code, says: error.message });
    return error.exit;
  }
}

/** How the client proved who it is; undefined = it did not have to. */
type Proof = { readonly secure: SecureChannel; readonly serverKey: string } | undefined;

class ClientConnection {
  readonly #ground: ClientGround;
  readonly #service: ClientService;
  /** Whoever listens to lines has answered, or the conversation has begun. */
  #isAnswered = false;

  constructor(ground: ClientGround, service: ClientService) {
    this.#ground = ground;
    this.#service = service;
  }

  async answer(lines: LineChannel, proof: Proof): Promise<number> {
    const key = proof?.secure.peerKey ?? "";
    try {
      const first = await lines.readLine(helloMs);
      // Clients of both kinds speak without waiting.
      if (first.startsWith("@RSYNCD:") && this.#service.answerRsync !== undefined) {
        this.#isAnswered = true;
        return await this.#service.answerRsync(lines, first, this.#ground);
      }
      const wish = parseWish(first);
      if (wish.kind === "list") return await this.#list(lines, key);
      if (wish.kind === "pair") return await this.#pair(lines, proof, wish.proof);
      return await this.#enter(lines, key, wish.name);
    } catch (error) {
      const isOurs = error instanceof ManifoldError && !this.#isAnswered;
      if (isOurs) await finish(lines, formatAnswer(false, notHere));
      throw error;
    }
  }

  #finish(lines: LineChannel, text: ByteString): Promise<void> {
    this.#isAnswered = true;
    return finish(lines, text);
  }

  async #list(lines: LineChannel, key: string): Promise<number> {
    const { config, log } = this.#ground;
    const listed = config.modules
      .filter((module) => module.isListed && this.#nameOf(module, key) !== undefined)
      .map(({ name, comment }) => `${name}\t${comment.replace(/[^ -~\x80-\xff]/g, "?")}`);
    log("list", { key });
    await this.#finish(lines, [formatAnswer(true, String(listed.length)), ...listed].join("\n"));
    return 0;
  }

  async #pair(lines: LineChannel, proof: Proof, shown: Uint8Array): Promise<number> {
    const { pairing, log } = this.#ground;
    if (proof === undefined || pairing === undefined) {
      await this.#finish(lines, formatAnswer(false, "nobody is invited here"));
      return 5;
    }
    const { secure, serverKey } = proof;
    const { peerKey: clientKey } = secure;
    const meeting = { secret: secure.exportSecret(pairingLabel), clientKey, serverKey };
    const answer = answerGuest(pairing.file, shown, meeting, this.#service.clock);
    if (answer.ok) allowKey(pairing.allowed, clientKey, answer.name);
    log(answer.ok ? "paired" : "not-paired", { key: clientKey });
    const text = answer.ok ? Buffer.from(answer.proof).toString("hex") : answer.says;
    await this.#finish(lines, formatAnswer(answer.ok, text));
    return answer.ok ? 0 : 5;
  }

  async #enter(lines: LineChannel, key: string, wanted: ByteString): Promise<number> {
    const { config, address, log } = this.#ground;
    const asWritten = config.modules.find(({ name }) => name === wanted);
    const name = asWritten === undefined ? undefined : this.#nameOf(asWritten, key);
    if (asWritten === undefined || name === undefined) {
      throw new ManifoldError("start-client", `${toText(wanted)} is not for ${key || address}`);
    }
    const module = expandModule(asWritten, {
      ...{ RSYNC_MODULE_NAME: wanted, RSYNC_USER_NAME: name },
      ...{
        RSYNC_HOST_ADDR: address,
        RSYNC_HOST_NAME: address,
        RSYNC_PID: String(this.#service.processId),
      },
    });
    if (wantsRsync(module) && this.#service.answerRsync !== undefined) {
      // What guards this module is known to rsync's protocol only: whoever can, speaks that.
      await this.#finish(lines, "@RSYNCD: 32.0 ");
      return 5;
    }
    if (!(await this.#ground.enter(wanted))) {
      log("full", { module: toText(wanted), key });
      await this.#finish(lines, formatAnswer(false, "too many connections, try again later"));
      return 5;
    }
    this.#service.becomeUser(module);
    log("enter", { module: toText(wanted), key, name });
    this.#isAnswered = true;
    lines.send(toBytes(`${formatAnswer(true, wanted)}\n`));
    return this.#service.converse(lines, module, { key, name, address }, log);
  }

  /** Returns the client's name in a module that it may use, else undefined. */
  #nameOf(module: Module, key: string): string | undefined {
    if (!mayComeFrom(module, this.#ground.address)) return undefined;
    return module.allowedKeys === "*" ? "" : allowedName(module.allowedKeys, key);
  }
}

/** Says whether a module has what only rsync's protocol heeds: passwords, programs to run, other modes. */
function wantsRsync({ rsync }: Module): boolean {
  return Object.keys(rsync).some((name) => Object.hasOwn(refusedParameters, name));
}

/** Says the last words, and resolves when the connection is over. */
function finish(channel: Channel, line: ByteString): Promise<void> {
  return new Promise((resolve) => {
    channel.listen({
      data: () => undefined,
      drained: () => undefined,
      closed: () => resolve(),
    });
    channel.send(toBytes(`${line}\n`));
    channel.end();
  });
}
