// One target of a cast, as the master sees it: its control channel, what it has, what it says, how it ended.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { createDigest } from "../../hash/index.ts";
import type { CastTarget } from "../../options/index.ts";
import {
  type CastAnswer,
  type CastOrder,
  decodeCastAnswer,
  decodeNews,
  encodeCastBlocks,
  encodeCastOrder,
  encodeControl,
  lane,
  type OpenPeer,
  openSession,
  type StartMessage,
} from "../../session/index.ts";
import type { Channel } from "../../transport/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { greetingMs, sessionWords } from "../far/session-words.ts";
import { Switchboard } from "../far/switchboard.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { KeptPieces } from "../verbs/kept-pieces.ts";
import { changesetDigest } from "../verbs/stage-output.ts";

/** What concerns whoever casts. */
export interface LinkListener {
  joined(link: TargetLink): void;
  report(link: TargetLink, report: Uint8Array): void;
  pull(link: TargetLink, block: number, count: number): void;
  staged(link: TargetLink): void;
  /** It has ended, well or not: `failure` and `exit` say which. */
  over(link: TargetLink): void;
  event(link: TargetLink, event: ProgressEvent): void;
}

/** Such a target. */
export class TargetLink {
  readonly id: number;
  readonly name: ByteString;
  readonly kept = new KeptPieces();
  /** The exit status of its receiving; undefined = it has not come to its end. */
  exit: number | undefined;
  failure: ManifoldError | undefined;
  /** Datagrams that came to it, and blocks that it pulled. */
  datagrams = 0;
  pulled = 0;
  /** It takes datagrams. */
  isMember = false;
  isStaged = false;
  /** Why it was let go; undefined = it was not. */
  reason: string | undefined;
  /** What its listing is known by. */
  standing: string | undefined;
  readonly #listener: LinkListener;
  readonly #digest = createDigest(changesetDigest());
  #session: OpenPeer | undefined;
  #onStanding: () => void = () => undefined;

  constructor(id: number, { name }: CastTarget, listener: LinkListener) {
    this.id = id;
    this.name = name;
    this.#listener = listener;
  }

  /** It needs nothing more, or can have nothing more. */
  get isOver(): boolean {
    return this.exit !== undefined || this.failure !== undefined;
  }

  get isFull(): boolean {
    return this.#session?.isFull ?? false;
  }

  get bytesSent(): number {
    return this.#session?.bytesSent ?? 0;
  }

  get bytesReceived(): number {
    return this.#session?.bytesReceived ?? 0;
  }

  /** Opens the session, and resolves when the target has said what it has, or has failed. */
  async open(
    reach: () => Promise<Channel>,
    start: StartMessage,
    { clock }: Surroundings,
    timeoutMs: number,
  ): Promise<void> {
    const told = new Promise<void>((resolve) => (this.#onStanding = resolve));
    try {
      const channel = await reach();
      if (this.isOver) {
        channel.destroy();
        return;
      }
      this.#session = await openSession(channel, {
        ...sessionWords,
        side: "initiator",
        ...{ timeoutMs, clock, handshakeTimeoutMs: greetingMs },
        early: [{ lane: lane.control, parts: [encodeControl(start)] }],
      });
      const board = new Switchboard(this.#session);
      board.onBroken((error) => this.fail(error));
      board.onDrained(() => this.#listener.pull(this, 0, 0));
      board.onControl(() => undefined);
      board.on(lane.request, (bytes) => this.#answer(decodeCastAnswer(bytes)));
      board.on(lane.news, (bytes) => this.#news(bytes));
      await told;
    } catch (error) {
      if (!(error instanceof ManifoldError)) throw error;
      this.fail(error);
    }
  }

  order(order: CastOrder): void {
    this.#session?.send(lane.listing, encodeCastOrder(order));
  }

  blocks(block: number, bytes: Uint8Array): void {
    this.#session?.send(lane.content, encodeCastBlocks({ block, bytes }));
  }

  /** It takes no further part. */
  fail(error: ManifoldError): void {
    if (this.isOver) return;
    this.failure = error;
    this.#end();
    this.#session?.destroy();
  }

  #end(): void {
    this.#onStanding();
    this.#listener.over(this);
  }

  #answer(answer: CastAnswer): void {
    switch (answer.kind) {
      case "standing":
        this.#digest.update(answer.piece);
        if (answer.piece.length > 0) this.kept.add(answer.piece);
        else {
          this.standing = Buffer.from(this.#digest.digest()).toString("hex");
          this.#onStanding();
        }
        break;
      case "joined":
        this.isMember = answer.isMember;
        this.#listener.joined(this);
        break;
      case "report":
        this.#listener.report(this, answer.report);
        break;
      case "pull":
        this.#listener.pull(this, answer.block, answer.count);
        break;
      case "staged":
        this.datagrams = answer.datagrams;
        this.pulled = answer.pulled;
        this.isStaged = true;
        this.#listener.staged(this);
    }
  }

  #news(bytes: Uint8Array): void {
    const { events, end } = decodeNews(bytes);
    for (const event of events) this.#listener.event(this, event);
    if (end?.kind === "ended" && !this.isOver) {
      this.exit = end.exit;
      this.#end();
      this.#session?.end();
    } else if (end !== undefined && end.kind !== "ended") {
      this.fail(new ManifoldError(end.code, end.message));
    }
  }
}
