// A run between two other machines: each end is an agent, and this process hands on what they say to one
// another, and tells how it goes. Content passes through unread.

import { ManifoldError } from "../base/index.ts";
import type { FarPlaces, Options } from "../options/index.ts";
import {
  type ControlMessage,
  decodeControl,
  decodeNews,
  decodeRecordAnswer,
  decodeRecordRequest,
  encodeControl,
  lane,
  type OpenPeer,
  openSession,
  type StartMessage,
} from "../session/index.ts";
import { type Counters, counterNames, type ProgressEvent, sumCounters } from "../tree/index.ts";
import { Recording } from "./capture-file.ts";
import { reachFar } from "./far/reach.ts";
import { greetingMs, sessionWords } from "./far/session-words.ts";
import { startMessage } from "./far/start-message.ts";
import { withOneStream } from "./far/with-one-stream.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import type { Listener, SyncResult } from "./run-listener.ts";
import { isUndone } from "./undo-options.ts";
import { UndoFile } from "./verbs/undo-file.ts";

/** Where the two ends are. */
export interface RelayedEnds {
  readonly source: FarPlaces;
  readonly target: FarPlaces;
}

/** Such a run; the methods are SyncRun's. */
export class RelayRun {
  readonly #options: Options;
  readonly #ends: RelayedEnds;
  readonly #surroundings: Surroundings;
  readonly #listener: Listener;
  readonly #peers: OpenPeer[] = [];
  #counters: Counters = sumCounters([]);
  #scanComplete = false;
  #failure: ManifoldError | undefined;
  #abandon: ((error: ManifoldError) => void) | undefined;
  /** The run is being recorded: it has not begun. */
  #recording: Recording | undefined;
  /** What undoes the run is still to come. */
  #undo: UndoFile | undefined;

  constructor(options: Options, ends: RelayedEnds, surroundings: Surroundings, listener: Listener) {
    this.#options = options;
    this.#ends = ends;
    this.#surroundings = surroundings;
    this.#listener = listener;
    const { capture, undo } = options.own;
    this.#recording = capture && new Recording(capture.file, options.links, listener);
    this.#undo = isUndone(options) ? new UndoFile(undo ?? "", options.links) : undefined;
  }

  /** Counters as of the last news. */
  get counters(): Counters {
    return this.#counters;
  }

  /** Totals are final. */
  get scanComplete(): boolean {
    return this.#scanComplete;
  }

  /** Bytes that went over both wires from here. */
  get bytesSent(): number {
    return this.#peers.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  }

  /** Bytes that came over both wires. */
  get bytesReceived(): number {
    return this.#peers.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
  }

  scanAhead(): void {
    // The target's end decides for itself.
  }

  /** Stops both ends; run() then throws the error. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#abandon?.(error);
  }

  /** Runs to the end. Throws ManifoldError for what stops a run. */
  async run(): Promise<SyncResult> {
    try {
      // One after the other: both may ask for a password.
      const source = await this.#open(this.#ends.source);
      const target = await this.#open(this.#ends.target, source.start);
      return await this.#relay(source.peer, target.peer);
    } catch (error) {
      for (const peer of this.#peers) tell(peer, { kind: "cancel" });
      throw this.#failure ?? error;
    } finally {
      this.#recording?.close();
      this.#undo?.close();
      for (const peer of this.#peers) peer.end();
    }
  }

  /** `asked`: what the source was told, of which the target hears, too. */
  async #open(
    far: FarPlaces,
    asked?: StartMessage,
  ): Promise<{ readonly peer: OpenPeer; readonly start: StartMessage }> {
    const [options, surroundings] = [this.#options, this.#surroundings];
    const hear = (event: ProgressEvent): void => {
      if (far.role === "source") this.#listener.event(event);
    };
    const start = startMessage(withOneStream(options), far, surroundings, hear, asked);
    const channel = await this.#orStopped(reachFar(options, far, surroundings));
    this.#abandon = () => channel.destroy();
    const peer = await openSession(channel, {
      ...sessionWords,
      side: "initiator",
      timeoutMs: options.limits.timeout,
      handshakeTimeoutMs: greetingMs,
      clock: surroundings.clock,
      early: [{ lane: lane.control, parts: [encodeControl(start)] }],
    });
    this.#peers.push(peer);
    if (this.#failure !== undefined) throw this.#failure;
    return { peer, start };
  }

  /** A run that was stopped does not wait for a connection. */
  #orStopped<T extends { destroy(): void }>(reached: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      reached.then((channel) => {
        if (this.#failure !== undefined) channel.destroy();
        resolve(channel);
      }, reject);
    });
  }

  #relay(source: OpenPeer, target: OpenPeer): Promise<SyncResult> {
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      /** What breaks the protocol ends the run, not the process. */
      const taking =
        (take: (number: number, message: Uint8Array) => void) =>
        (number: number, message: Uint8Array): void => {
          try {
            take(number, message);
          } catch (error) {
            reject(error);
          }
        };
      const lost = ({ label }: OpenPeer, error: ManifoldError | undefined): void =>
        reject(error ?? new ManifoldError("connection-lost", `${label}: it ended too early`));
      source.listen({
        message: taking((number, message) => {
          if (!this.#records(number, message)) handOn(source, target, number, message);
        }),
        drained: () => target.resume(),
        closed: (error) => lost(source, error),
      });
      target.listen({
        message: taking((number, message) => {
          if (number === lane.request) {
            if (this.#restores(message)) return;
            source.send(lane.request, message);
            if (source.isFull) target.pause();
          } else if (number === lane.news) this.#hear(message, { source, resolve, reject });
          else this.#place(decodeControl(message));
        }),
        drained: () => source.resume(),
        closed: (error) => lost(target, error),
      });
    });
  }

  /** Takes what undoes the run; that it is on the disk is for the source's end to know. */
  #restores(message: Uint8Array): boolean {
    const undo = this.#undo;
    if (undo === undefined) return false;
    const heard = decodeRecordRequest(message);
    if (heard.kind !== "restoring") return false;
    if (heard.piece.length > 0) {
      undo.write(heard.piece);
      return true;
    }
    undo.flush();
    undo.close();
    this.#undo = undefined;
    return false;
  }

  /** Takes what is recorded, which is not for the target's end, unless it makes of it what undoes the run. */
  #records(number: number, message: Uint8Array): boolean {
    const recording = this.#recording;
    if (recording === undefined || number !== lane.listing || this.#undo !== undefined)
      return false;
    const heard = decodeRecordAnswer(message);
    if (heard.kind === "recorded") {
      recording.write(heard.piece);
      return true;
    }
    if (heard.kind === "record-end") {
      for (const event of heard.events) recording.tell(event);
      recording.end(heard.exit);
      this.#recording = undefined;
    }
    return false;
  }

  #place(message: ControlMessage): void {
    if (message.kind === "place") this.#listener.placed?.(message);
    else if (message.kind === "failed") throw new ManifoldError(message.code, message.message);
    else throw new ManifoldError("protocol-data", `Unexpected ${message.kind}`);
  }

  #hear(
    message: Uint8Array,
    run: {
      readonly source: OpenPeer;
      readonly resolve: (result: SyncResult) => void;
      readonly reject: (error: ManifoldError) => void;
    },
  ): void {
    const { events, counters, scanComplete, end } = decodeNews(message);
    this.#scanComplete = scanComplete;
    if (counters.length === counterNames.length) {
      this.#counters = sumCounters([Float64Array.from(counters)]);
    }
    for (const event of events) this.#listener.event(event);
    if (end === undefined) return;
    if (end.kind === "failed") {
      run.reject(new ManifoldError(end.code, end.message));
      return;
    }
    tell(run.source, end);
    run.resolve({ exit: end.exit, counters: this.#counters });
  }
}

/** What the source's end says is for the target's, that it failed included; only these lanes are. */
function handOn(source: OpenPeer, target: OpenPeer, number: number, message: Uint8Array): void {
  if (number !== lane.control && number !== lane.listing && number !== lane.content) {
    throw new ManifoldError("protocol-data", `${source.label}: a source has no such messages`);
  }
  if (number === lane.control) {
    const { kind } = decodeControl(message);
    if (kind !== "ends" && kind !== "failed") {
      throw new ManifoldError("protocol-data", `${source.label}: unexpected ${kind}`);
    }
  }
  target.sendThen(number, [message], () => source.slabs.give(message));
  if (target.isFull) source.pause();
}

function tell(peer: OpenPeer, message: ControlMessage): void {
  peer.send(lane.control, encodeControl(message));
}
