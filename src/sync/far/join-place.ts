// Where more connections of a run come in (--streams): each is a process of its own (an agent that ssh or
// the daemon started), which hands on what its client says to the agent of the run, over a socket of this
// machine (docs/decisions/0042). Whoever comes proves itself by the run's token.

import { type Clock, ManifoldError, toBytes } from "../../base/index.ts";
import { equalDigests } from "../../hash/index.ts";
import { lane, openSession } from "../../session/index.ts";
import {
  type Channel,
  type ChannelServer,
  hasLocalSockets,
  lineChannel,
  listenLocal,
} from "../../transport/index.ts";
import { joinMs, joinName, joinProof, nonceForm, randomToken } from "./join-token.ts";
import { sessionWords } from "./session-words.ts";
import { Switchboard } from "./switchboard.ts";

/** Connections that may be about to prove themselves at the same moment: anybody on the machine can make some. */
const strangersMax = 64;

/** What such a place is made with. */
export interface JoinPlaceContext {
  /** Connections that may join in all. */
  readonly count: number;
  readonly clock: Clock;
  /** Takes one that has. */
  readonly joined: (board: Switchboard) => void;
}

/** Such a place. */
export class JoinPlace {
  readonly token = randomToken();
  readonly #context: JoinPlaceContext;
  readonly #strangers = new Set<Channel>();
  readonly #joined: Switchboard[] = [];
  #server: ChannelServer | undefined;
  #isClosed = false;

  constructor(context: JoinPlaceContext) {
    this.#context = context;
  }

  /** Begins to wait; false = that cannot be done here. */
  async open(): Promise<boolean> {
    if (!hasLocalSockets()) return false;
    const admit = (channel: Channel): void => void this.#admit(channel);
    const server = await listenLocal(joinName(this.token), "the client", admit);
    if (this.#isClosed) await server.close();
    else this.#server = server;
    return true;
  }

  /** Takes nobody in any more, and does not mind if those who joined go. */
  close(): void {
    this.#isClosed = true;
    void this.#server?.close();
    for (const channel of this.#strangers) channel.destroy();
    for (const board of this.#joined) board.letGo();
  }

  /** Ends the connections that joined. */
  end(): void {
    for (const { peer } of this.#joined) peer.end();
  }

  async #admit(channel: Channel): Promise<void> {
    if (this.#strangers.size >= strangersMax || this.#isClosed) {
      channel.destroy();
      return;
    }
    this.#strangers.add(channel);
    try {
      await this.#prove(channel);
    } catch (error) {
      if (!(error instanceof ManifoldError)) throw error;
      channel.end();
    } finally {
      this.#strangers.delete(channel);
    }
  }

  async #prove(channel: Channel): Promise<void> {
    const { clock, count, joined } = this.#context;
    const lines = lineChannel(channel, clock);
    const nonce = await lines.readLine(joinMs);
    if (!nonceForm.test(nonce)) throw refusal("It began with something else");
    lines.send(toBytes(`${joinProof(this.token, nonce)}\n`));
    const peer = await openSession(lines, {
      ...sessionWords,
      side: "acceptor",
      handshakeTimeoutMs: joinMs,
      clock,
    });
    const board = new Switchboard(peer);
    try {
      const token = await joinToken(board, clock);
      if (!equalDigests(token, this.token)) throw refusal("That is the token of no run here");
      if (this.#isClosed) throw refusal("The run has ended");
      if (this.#joined.length >= count) throw refusal(`The run has ${count + 1} connections`);
    } catch (error) {
      if (error instanceof ManifoldError) {
        board.tell({ kind: "failed", code: error.code, message: error.message });
      }
      peer.end();
      return;
    }
    this.#joined.push(board);
    joined(board);
  }
}

function joinToken(board: Switchboard, clock: Clock): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(joinMs, () => reject(refusal("It did not say what it is")));
    board.onBroken(reject);
    board.onControl((message) => {
      stop();
      board.off(lane.control);
      if (message.kind === "join") resolve(message.token);
      else reject(refusal(`It began with ${message.kind}`));
    });
  });
}

function refusal(what: string): ManifoldError {
  return new ManifoldError("start-client", what);
}
