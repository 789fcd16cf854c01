// A run one end of which is on another machine, seen from the machine that the user sits at.

import { ManifoldError } from "../base/index.ts";
import type { FarPlaces, Options } from "../options/index.ts";
import {
  decodeNews,
  encodeControl,
  lane,
  type OpenPeer,
  openSession,
  type StartMessage,
} from "../session/index.ts";
import type { Channel } from "../transport/index.ts";
import { type Counters, counterNames, type ProgressEvent, sumCounters } from "../tree/index.ts";
import { Recording } from "./capture-file.ts";
import { askedOf } from "./far/asked-of.ts";
import { MoreStreams } from "./far/more-streams.ts";
import { reachFar } from "./far/reach.ts";
import { greetingMs, sessionWords } from "./far/session-words.ts";
import { startMessage } from "./far/start-message.ts";
import { Switchboard } from "./far/switchboard.ts";
import { withOneStream } from "./far/with-one-stream.ts";
import { becomeCopier } from "./plan/become-copier.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import type { Listener, SyncResult } from "./run-listener.ts";
import { SourceEnd } from "./source-end.ts";
import { TargetEnd } from "./target-end.ts";
import { isUndone } from "./undo-options.ts";
import { UndoFile } from "./verbs/undo-file.ts";

/** Within this time a signal comes that was sent to this process and its remote shell at once. Arbitrary. */
const signalMs = 100;

/** Such a run; the methods are SyncRun's. */
export class RemoteRun {
  readonly #options: Options;
  readonly #far: FarPlaces;
  #surroundings: Surroundings;
  readonly #listener: Listener;
  #session: OpenPeer | undefined;
  #more: MoreStreams | undefined;
  #target: TargetEnd | undefined;
  #source: SourceEnd | undefined;
  #board: Switchboard | undefined;
  #counters: Counters = sumCounters([]);
  #scanComplete = false;
  #failure: ManifoldError | undefined;
  readonly #recording: Recording | undefined;
  readonly #undo: UndoFile | undefined;
  /** Ends whatever is waited for before there is an end of the run here. */
  #abandon: ((error: ManifoldError) => void) | undefined;

  constructor(options: Options, far: FarPlaces, surroundings: Surroundings, listener: Listener) {
    // More of them would be made when we are somebody else.
    this.#options = options.ids.copyAs === undefined ? options : withOneStream(options);
    this.#far = far;
    this.#surroundings = surroundings;
    this.#listener = listener;
    const { capture, undo } = options.own;
    this.#recording = capture && new Recording(capture.file, options.links, listener);
    this.#undo = isUndone(options) ? new UndoFile(undo ?? "", options.links) : undefined;
  }

  /** Counters as of now; of a target elsewhere, as of its last news. */
  get counters(): Counters {
    return this.#target?.counters ?? this.#counters;
  }

  /** Totals are final. */
  get scanComplete(): boolean {
    return this.#target?.scanComplete ?? this.#scanComplete;
  }

  /** Bytes that went over the wire from here. */
  get bytesSent(): number {
    return (this.#session?.bytesSent ?? 0) + (this.#more?.bytesSent ?? 0);
  }

  /** Bytes that came over the wire. */
  get bytesReceived(): number {
    return (this.#session?.bytesReceived ?? 0) + (this.#more?.bytesReceived ?? 0);
  }

  /** Lets the scan run ahead of the applying. */
  scanAhead(): void {
    this.#target?.scanAhead();
  }

  /** Stops at the next entry; run() then throws the error. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#abandon?.(error);
    this.#target?.cancel(error);
    if (this.#source !== undefined) {
      this.#board?.tell({ kind: "cancel" });
      this.#source.cancel(error);
    }
  }

  /** Runs to the end. Throws ManifoldError for what stops a run. */
  async run(): Promise<SyncResult> {
    const options = this.#options;
    const tell = (event: ProgressEvent): void => this.#listener.event(event);
    const start = startMessage(options, this.#far, this.#surroundings, tell);
    const channel = await this.#reach();
    const { timeout } = options.limits;
    const { clock } = this.#surroundings;
    this.#abandon = () => channel.destroy();
    try {
      const session = await openSession(channel, {
        ...sessionWords,
        side: "initiator",
        timeoutMs: timeout,
        handshakeTimeoutMs: greetingMs,
        clock,
        // Right behind the greeting: it saves a round trip.
        early: [{ lane: lane.control, parts: [encodeControl(start)] }],
      });
      this.#session = session;
      this.#surroundings = becomeCopier(options, this.#surroundings);
      const board = new Switchboard(session);
      this.#board = board;
      if (this.#failure !== undefined) throw this.#failure;
      this.#more = new MoreStreams(options, this.#far, this.#surroundings, tell);
      board.onJoinable(({ token }) => this.#more?.open(token));
      board.onDatagrams((message) => this.#more?.callDatagrams(message));
      return await (this.#far.role === "source" ? this.#pull(board, start) : this.#push(board));
    } catch (error) {
      if (endsWithShell(error)) await this.#signalTime();
      throw this.#failure ?? error;
    } finally {
      this.#more?.end();
      this.#recording?.close();
      this.#undo?.close();
      this.#session?.end();
    }
  }

  /** Ctrl-C ends the remote shell, too, and that may be heard of first. */
  #signalTime(): Promise<void> {
    if (this.#failure !== undefined) return Promise.resolve();
    return new Promise((resolve) => this.#surroundings.clock.after(signalMs, resolve));
  }

  /** A run that was stopped does not wait for a connection. */
  #reach(): Promise<Channel> {
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      reachFar(this.#options, this.#far, this.#surroundings).then((channel) => {
        if (this.#failure !== undefined) channel.destroy();
        resolve(channel);
      }, reject);
    });
  }

  #pull(board: Switchboard, start: StartMessage): Promise<SyncResult> {
    this.#abandon = undefined;
    const { remote, walk } = this.#options;
    const asked = remote.trustSender ? undefined : { paths: askedOf(start, walk) };
    const [recording, undo] = [this.#recording, this.#undo];
    const uses = { recording, undo, asked };
    const target = new TargetEnd(board, this.#options, this.#surroundings, this.#listener, uses);
    this.#target = target;
    this.#more?.onJoined((more) => target.join(more));
    this.#more?.onLent((line) => target.lend(line));
    return target.run();
  }

  /** Returns what the source's end here reads: a list that the target's machine has comes as standard input. */
  async #sourceOf(board: Switchboard): Promise<[Options, Surroundings]> {
    const [options, surroundings] = [this.#options, this.#surroundings];
    if (this.#far.list === undefined) return [options, surroundings];
    const list = await new Promise<Uint8Array>((resolve, reject) => {
      this.#abandon = reject;
      board.onBroken(reject);
      board.onControl((message) => {
        board.off(lane.control);
        if (message.kind === "list") resolve(message.list);
        else reject(new ManifoldError("protocol-data", `Unexpected ${message.kind}`));
      });
    });
    const walk = { ...options.walk, filesFrom: "-", from0: true };
    return [
      { ...options, walk },
      { ...surroundings, readStandardInput: () => list },
    ];
  }

  async #push(board: Switchboard): Promise<SyncResult> {
    const [options, surroundings] = await this.#sourceOf(board);
    this.#abandon = undefined;
    const source = new SourceEnd(board, options, surroundings, {
      recording: this.#recording,
      undo: this.#undo,
    });
    this.#source = source;
    this.#more?.onJoined((more) => source.join(more));
    this.#more?.onLent((line) => source.lend(line));
    let exit = 0;
    board.on(lane.news, (bytes) => {
      const { events, counters, scanComplete, end } = decodeNews(bytes);
      this.#scanComplete = scanComplete;
      if (counters.length === counterNames.length) {
        this.#counters = sumCounters([Float64Array.from(counters)]);
      }
      for (const event of events) this.#listener.event(event);
      if (end?.kind === "ended") {
        exit = end.exit;
        source.ended();
      } else if (end !== undefined) source.cancel(new ManifoldError(end.code, end.message));
    });
    board.onControl((message) => {
      if (message.kind === "place") this.#listener.placed?.(message);
      else throw new ManifoldError("protocol-data", `Unexpected ${message.kind}`);
    });
    await source.run();
    return { exit, counters: this.#counters };
  }
}

function endsWithShell(error: unknown): boolean {
  if (!(error instanceof ManifoldError)) return false;
  return error.code === "connection-lost" || error.code === "remote-failed";
}
