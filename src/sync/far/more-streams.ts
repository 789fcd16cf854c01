// The connections of a run beyond the first (--streams), made by the client when the other machine's agent
// is ready for them. One that cannot be had is told; the run goes on with the others.

import { ManifoldError } from "../../base/index.ts";
import type { FarPlaces, Options } from "../../options/index.ts";
import { type DatagramsMessage, encodeControl, lane, openSession } from "../../session/index.ts";
import type { Channel } from "../../transport/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { rateRules } from "../plan/rate-rules.ts";
import { streamWarning } from "../plan/run-problems.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { callDatagrams, type DatagramLine } from "./datagram-line.ts";
import { reachFar } from "./reach.ts";
import { greetingMs, sessionWords } from "./session-words.ts";
import { Switchboard } from "./switchboard.ts";

/** Makes them, and ends them. */
export class MoreStreams {
  readonly #options: Options;
  readonly #far: FarPlaces;
  readonly #surroundings: Surroundings;
  readonly #tell: (event: ProgressEvent) => void;
  readonly #boards: Switchboard[] = [];
  /** Those that are being made. */
  readonly #channels = new Set<Channel>();
  readonly #told = new Set<string>();
  #joined: (board: Switchboard) => void = () => undefined;
  #lent: (line: DatagramLine) => void = () => undefined;
  #line: DatagramLine | undefined;
  #isOver = false;

  constructor(
    options: Options,
    far: FarPlaces,
    surroundings: Surroundings,
    tell: (event: ProgressEvent) => void,
  ) {
    this.#options = options;
    this.#far = far;
    this.#surroundings = surroundings;
    this.#tell = tell;
  }

  /** Says who takes them. */
  onJoined(joined: (board: Switchboard) => void): void {
    this.#joined = joined;
    for (const board of this.#boards) joined(board);
  }

  get bytesSent(): number {
    return this.#all.reduce((sum, { peer }) => sum + peer.bytesSent, 0);
  }

  get bytesReceived(): number {
    return this.#all.reduce((sum, { peer }) => sum + peer.bytesReceived, 0);
  }

  get #all(): readonly Switchboard[] {
    return this.#line === undefined ? this.#boards : [...this.#boards, this.#line.board];
  }

  /** Begins to make them; `token`: what the agent knows them by, undefined = it cannot take any. */
  open(token: Uint8Array | undefined): void {
    if (token === undefined) {
      this.#warn("the other machine can take one connection only");
      return;
    }
    for (let left = this.#options.limits.streams - 1; left > 0; left--) {
      this.#join(token).catch((error: unknown) => {
        if (!(error instanceof ManifoldError)) throw error;
        this.#warn(`one connection less: ${error.message}`);
      });
    }
  }

  /** Makes the one of datagrams, where the agent says. */
  callDatagrams(message: DatagramsMessage): void {
    const { datagrams } = this.#options.limits;
    if (this.#isOver || datagrams === undefined) return;
    const { ipVersion } = this.#options.remote;
    const { clock } = this.#surroundings;
    const rules = rateRules(datagrams);
    const line = callDatagrams(message, this.#far.host, { ipVersion, rules, clock });
    this.#line = line;
    this.#lent(line);
  }

  /** Says who takes that one. */
  onLent(lent: (line: DatagramLine) => void): void {
    this.#lent = lent;
    if (this.#line !== undefined) lent(this.#line);
  }

  /** Ends them; nobody minds any more how they end. */
  end(): void {
    this.#isOver = true;
    for (const channel of this.#channels) channel.destroy();
    for (const board of this.#all) {
      board.letGo();
      board.peer.end();
    }
  }

  async #join(token: Uint8Array): Promise<void> {
    const channel = await reachFar(this.#options, this.#far, this.#surroundings);
    if (this.#isOver) {
      channel.destroy();
      return;
    }
    this.#channels.add(channel);
    try {
      const peer = await openSession(channel, {
        ...sessionWords,
        side: "initiator",
        timeoutMs: this.#options.limits.timeout,
        handshakeTimeoutMs: greetingMs,
        clock: this.#surroundings.clock,
        early: [{ lane: lane.control, parts: [encodeControl({ kind: "join", token })] }],
      });
      const board = new Switchboard(peer);
      this.#boards.push(board);
      this.#joined(board);
    } finally {
      this.#channels.delete(channel);
    }
  }

  /** Says the same only once. */
  #warn(message: string): void {
    if (this.#isOver || this.#told.has(message)) return;
    this.#told.add(message);
    this.#tell(streamWarning(message));
  }
}
