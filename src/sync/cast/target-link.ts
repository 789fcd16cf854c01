// One target of a cast, as the master sees it: its control channel, what it has, what it says, how it ended.

import { type ByteString, type Clock, ManifoldError } from "../../base/index.ts";
import { FsError } from "../../fs/index.ts";
import { createDigest } from "../../hash/index.ts";
import type { CastTarget } from "../../options/index.ts";
import {
  type CastAnswer,
  type CastArrival,
  type CastOrder,
  decodeCastAnswer,
  decodeNews,
  encodeCastBlocks,
  encodeCastOrder,
  encodeControl,
  lane,
  type OpenPeer,
  openSession,
  type SignedBlocks,
  type StartMessage,
  type WriteTrial,
} from "../../session/index.ts";
import type { Channel } from "../../transport/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { greetingMs, sessionWords } from "../far/session-words.ts";
import { Switchboard } from "../far/switchboard.ts";
import { systemError } from "../plan/end-errors.ts";
import type { Surroundings } from "../plan/surroundings.ts";
import { KeptPieces } from "../verbs/kept-pieces.ts";
import { changesetDigest } from "../verbs/stage-output.ts";
import { HeldBlocks } from "./held-blocks.ts";
import { isBare } from "./is-bare.ts";
import type { StreamSums } from "./stream-sums.ts";

/** What concerns whoever casts. */
export interface LinkListener {
  joined(link: TargetLink, answer: CastAnswer & { readonly kind: "joined" }): void;
  report(link: TargetLink, report: Uint8Array): void;
  tried(link: TargetLink, trial: WriteTrial): void;
  pull(link: TargetLink, block: number, count: number): void;
  /** It takes no datagrams any more: some were not the master's. */
  poisoned(link: TargetLink): void;
  staged(link: TargetLink): void;
  /** It has ended, well or not: `failure` and `exit` say which. */
  over(link: TargetLink): void;
  event(link: TargetLink, event: ProgressEvent): void;
}

/** Such a target. */
export class TargetLink {
  readonly id: number;
  readonly name: ByteString;
  /** It has come by itself. */
  readonly comes: boolean;
  readonly kept = new KeptPieces();
  /** What it has of its stream from an earlier cast. */
  readonly held = new HeldBlocks();
  /** The exit status of its receiving; undefined = it has not come to its end. */
  exit: number | undefined;
  failure: ManifoldError | undefined;
  /** How its stream came to it; undefined = not all of it has. */
  arrival: CastArrival | undefined;
  /** Bytes of its stream. */
  stream = 0;
  /** A stream is made for what it has. */
  isServed = false;
  /** It takes datagrams. */
  isMember = false;
  /** It was sent home before it was sent anything. */
  isDismissed = false;
  /** When it was heard last, had everything, and came to its end. */
  heardAt: number | undefined;
  stagedAt: number | undefined;
  endedAt: number | undefined;
  /** Why it was let go; undefined = it was not. */
  reason: string | undefined;
  /** It has nothing. */
  isBare = false;
  /** What its listing is known by. */
  standing: string | undefined;
  /** Bytes of orders of its own, and when it has been told them; at once, if there are none. */
  own = 0;
  prepared: Promise<void> = Promise.resolve();
  /** It did not sign files when others did: those are sent to it whole. */
  isUnsigned = false;
  /** Takes the sums of its files' blocks, in the order in which it was asked. */
  onSignature: (blocks: SignedBlocks) => void = () => undefined;
  /** Resolves when it has ended, well or not. */
  readonly ended: Promise<void>;
  readonly #listener: LinkListener;
  readonly #clock: Clock;
  readonly #digest = createDigest(changesetDigest());
  #session: OpenPeer | undefined;
  /** Stretches of its stream whose sums it was told. */
  #sumsTold = 0;
  #onStanding: () => void = () => undefined;
  #onDrained: () => void = () => undefined;
  #onEnded: () => void = () => undefined;

  constructor(
    id: number,
    { name, comes = false }: Pick<CastTarget, "name"> & { readonly comes?: boolean },
    listener: LinkListener,
    clock: Clock,
  ) {
    this.id = id;
    this.name = name;
    this.comes = comes;
    this.#listener = listener;
    this.#clock = clock;
    this.ended = new Promise((resolve) => (this.#onEnded = resolve));
  }

  /** It has everything, and has verified it. */
  get isStaged(): boolean {
    return this.arrival !== undefined;
  }

  /** It needs nothing more, or can have nothing more. */
  get isOver(): boolean {
    return this.exit !== undefined || this.failure !== undefined;
  }

  /** It has said what it has, and goes on. */
  get isThere(): boolean {
    return this.standing !== undefined && !this.isOver;
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
      board.onDrained(() => {
        this.#onDrained();
        this.#listener.pull(this, 0, 0);
      });
      board.onControl(() => undefined);
      board.on(lane.request, (bytes) => {
        this.heardAt = clock.now();
        this.#answer(decodeCastAnswer(bytes));
      });
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

  /** Tells it what the stream should be, as far as it has not been told. */
  tellSums(sums: StreamSums): void {
    if (sums.count === this.#sumsTold) return;
    this.order({ kind: "sums", sums: sums.from(this.#sumsTold), digest: changesetDigest() });
    this.#sumsTold = sums.count;
  }

  /** Begins to tell it what it is to do, before the stream. */
  tellOwn(orders: KeptPieces): void {
    this.own = orders.length;
    this.prepared = this.#tellOwn(orders).catch((error: unknown) => {
      if (!(error instanceof FsError)) throw error;
      this.fail(systemError(error, ""));
    });
  }

  async #tellOwn(orders: KeptPieces): Promise<void> {
    for (const piece of orders.pieces()) {
      if (this.isOver) return;
      this.order({ kind: "own", piece });
      if (this.isFull) await new Promise<void>((resolve) => (this.#onDrained = resolve));
    }
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

  /** Sends it home. */
  dismiss(): void {
    if (this.isOver) return;
    this.isDismissed = true;
    this.exit = 0;
    this.#end();
    this.#session?.end();
  }

  #end(): void {
    this.endedAt = this.#clock.now();
    this.#onStanding();
    this.#onDrained();
    this.#listener.over(this);
    this.#onEnded();
  }

  #answer(answer: CastAnswer): void {
    switch (answer.kind) {
      case "standing":
        this.#digest.update(answer.piece);
        if (answer.piece.length > 0) this.kept.add(answer.piece);
        else {
          this.isBare = isBare(this.kept);
          const digest = Buffer.from(this.#digest.digest()).toString("hex");
          this.standing = this.isBare ? "" : digest;
          this.#onStanding();
        }
        break;
      case "held":
        this.held.tell(answer.sums);
        break;
      case "joined":
        this.isMember = answer.isMember;
        this.#listener.joined(this, answer);
        break;
      case "report":
        this.#listener.report(this, answer.report);
        break;
      case "pull":
        this.#listener.pull(this, answer.block, answer.count);
        break;
      case "poisoned":
        this.#listener.poisoned(this);
        break;
      case "signature":
        this.onSignature(answer);
        break;
      case "tried":
        this.#listener.tried(this, answer);
        break;
      case "staged":
        this.arrival = answer;
        this.stagedAt = this.#clock.now();
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
