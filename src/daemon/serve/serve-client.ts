// What the process of one connection does: the handshake, one line that says what the client wants, the
// decision, the change of user, and then somebody else's conversation.

import { type ByteString, type Clock, ManifoldError, toBytes } from "../../base/index.ts";
import {
  type Channel,
  type Errand,
  formatPlace,
  type LineChannel,
  lineChannel,
  parseIdentity,
  type SecureChannel,
  secureServer,
} from "../../transport/index.ts";
import type { Module } from "../config/module.ts";
import { mayComeFrom } from "../config/parse-config.ts";
import { allowedName, allowKey } from "../keys/allowed-keys.ts";
import { answerGuest, pairingLabel } from "../keys/pairing.ts";
import { formatAnswer, parseWish } from "./hello.ts";
import type { ConnectionLetter, ConnectionNews, EnterAnswer } from "./letter.ts";

/** Who a client is. */
export interface Client {
  /** The fingerprint of its key. */
  readonly key: string;
  /** Its name in the module's allowed keys, "" without one. */
  readonly name: string;
  readonly address: string;
}

/** What the rest of the program lends to a connection. */
export interface ClientService {
  readonly clock: Clock;
  /** Becomes the module's user for good. Throws ManifoldError. */
  becomeUser(module: Module): void;
  /** Holds the conversation, in which the client can reach nothing but the module; resolves to its exit status. */
  converse(channel: Channel, module: Module, client: Client): Promise<number>;
}

/** How long a client may think about its first line. */
const helloMs = 10_000;

/** One line for all reasons that are not the client's to know. */
const notHere = "there is no such module, or it is not for you";

/** Serves one connection and returns the exit status of its process. */
export async function serveClient(errand: Errand, service: ClientService): Promise<number> {
  const letter = errand.letter as ConnectionLetter;
  const connection = new ClientConnection(errand, letter, service);
  try {
    return await connection.serve();
  } catch (error) {
    if (!(error instanceof ManifoldError)) throw error;
    connection.log("refused", { code: error.code, says: error.message });
    return error.exit;
  }
}

class ClientConnection {
  readonly #errand: Errand;
  readonly #letter: ConnectionLetter;
  readonly #service: ClientService;

  constructor(errand: Errand, letter: ConnectionLetter, service: ClientService) {
    this.#errand = errand;
    this.#letter = letter;
    this.#service = service;
  }

  log(event: string, fields: Readonly<Record<string, string | number>>): void {
    const news: ConnectionNews = { kind: "log", event, fields };
    this.#errand.tell(news);
  }

  async serve(): Promise<number> {
    const { address, port, keyPem } = this.#letter;
    const { clock } = this.#service;
    const identity = parseIdentity(keyPem, "the daemon's key");
    const label = formatPlace(address, port);
    const secure = await secureServer(this.#errand.socket, { identity, label, clock });
    const lines = lineChannel(secure, clock);
    try {
      const wish = parseWish(await lines.readLine(helloMs));
      if (wish.kind === "list") return this.#list(lines, secure.peerKey);
      if (wish.kind === "pair") return this.#pair(lines, secure, identity.fingerprint, wish.proof);
      return await this.#enter(lines, secure.peerKey, wish.name);
    } catch (error) {
      if (error instanceof ManifoldError) await finish(lines, formatAnswer(false, notHere));
      throw error;
    }
  }

  async #list(lines: LineChannel, key: string): Promise<number> {
    const listed = this.#letter.config.modules
      .filter((module) => module.isListed && this.#nameOf(module, key) !== undefined)
      .map(({ name, comment }) => `${name}\t${comment.replace(/[^ -~\x80-\xff]/g, "?")}`);
    this.log("list", { key });
    await finish(lines, [formatAnswer(true, String(listed.length)), ...listed].join("\n"));
    return 0;
  }

  async #pair(
    lines: LineChannel,
    secure: SecureChannel,
    serverKey: string,
    proof: Uint8Array,
  ): Promise<number> {
    const { pairing } = this.#letter;
    const meeting = {
      secret: secure.exportSecret(pairingLabel),
      clientKey: secure.peerKey,
      serverKey,
    };
    const answer =
      pairing === undefined
        ? ({ ok: false, says: "nobody is invited here" } as const)
        : answerGuest(pairing.file, proof, meeting, this.#service.clock);
    if (answer.ok && pairing !== undefined) allowKey(pairing.allowed, secure.peerKey, answer.name);
    this.log(answer.ok ? "paired" : "not-paired", { key: secure.peerKey });
    const text = answer.ok ? Buffer.from(answer.proof).toString("hex") : answer.says;
    await finish(lines, formatAnswer(answer.ok, text));
    return answer.ok ? 0 : 5;
  }

  async #enter(lines: LineChannel, key: string, wanted: ByteString): Promise<number> {
    const module = this.#letter.config.modules.find(({ name }) => name === wanted);
    const name = module === undefined ? undefined : this.#nameOf(module, key);
    if (module === undefined || name === undefined) {
      const says = `${wanted} is not for ${key}`;
      throw new ManifoldError("start-client", says);
    }
    const answer = (await this.#errand.ask({ kind: "enter", module: wanted })) as EnterAnswer;
    if (!answer.ok) {
      this.log("full", { module: wanted, key });
      await finish(lines, formatAnswer(false, "too many connections, try again later"));
      return 5;
    }
    this.#service.becomeUser(module);
    this.log("enter", { module: wanted, key, name });
    lines.send(toBytes(`${formatAnswer(true, wanted)}\n`));
    const client = { key, name, address: this.#letter.address };
    return this.#service.converse(lines, module, client);
  }

  /** Returns the client's name in a module that it may use, else undefined. */
  #nameOf(module: Module, key: string): string | undefined {
    if (!mayComeFrom(module, this.#letter.address)) return undefined;
    return module.allowedKeys === "*" ? "" : allowedName(module.allowedKeys, key);
  }
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
