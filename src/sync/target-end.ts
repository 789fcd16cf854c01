// The target's end of a run whose source is on another machine: a run like any other, but that the
// source's side comes over a session.

import { ManifoldError } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import { type EndedMessage, type EndsMessage, type FailedMessage, lane } from "../session/index.ts";
import type { Recording } from "./capture-file.ts";
import type { DatagramLine } from "./far/datagram-line.ts";
import { farPlan } from "./far/far-plan.ts";
import { SourceClient } from "./far/source-client.ts";
import type { Switchboard } from "./far/switchboard.ts";
import type { SourcePlan } from "./plan/plan-sources.ts";
import { streamWarning } from "./plan/run-problems.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { recordTarget, type TargetRecordingGround } from "./record-target.ts";
import type { AskedTerms, Listener, SyncResult } from "./run-listener.ts";
import { SyncRun } from "./sync-tree.ts";
import { undoAtTarget } from "./undo-far.ts";
import { isUndone } from "./undo-options.ts";
import type { UndoFile } from "./verbs/undo-file.ts";

type TellEnd = (message: EndedMessage | FailedMessage) => void;

/** What a target's end may have to do with whoever started it. */
interface TargetEndUses {
  /** Tells the other end how it ended; by default ahead of everything that is on its way. */
  readonly tellEnd?: TellEnd;
  /** Where the run is recorded, when this is the client. */
  readonly recording?: Recording | undefined;
  /** Gets what undoes the run, when this is the client. */
  readonly undo?: UndoFile | undefined;
  /** What the source was asked for; undefined = it is trusted. */
  readonly asked?: AskedTerms | undefined;
}

/** One run's target. */
export class TargetEnd {
  readonly #board: Switchboard;
  readonly #options: Options;
  readonly #surroundings: Surroundings;
  readonly #listener: Listener;
  readonly #tellEnd: TellEnd;
  readonly #recording: Recording | undefined;
  readonly #undo: UndoFile | undefined;
  readonly #asked: AskedTerms | undefined;
  readonly #stopping = new AbortController();
  #run: SyncRun | undefined;
  #failure: ManifoldError | undefined;
  #scansAhead = false;
  #client: SourceClient | undefined;
  /** Connections that joined before there was a client. */
  readonly #joined: Switchboard[] = [];
  readonly #datagrams: Promise<Switchboard | undefined> | undefined;
  #lent: (line: DatagramLine) => void = () => undefined;

  constructor(
    board: Switchboard,
    options: Options,
    surroundings: Surroundings,
    listener: Listener,
    { tellEnd = (message) => board.tell(message), recording, undo, asked }: TargetEndUses = {},
  ) {
    this.#tellEnd = tellEnd;
    this.#recording = recording;
    this.#undo = undo;
    this.#asked = asked;
    this.#board = board;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#listener = listener;
    if (options.limits.datagrams !== undefined) {
      const lent = new Promise<DatagramLine>((resolve) => {
        this.#lent = resolve;
      });
      this.#datagrams = lent.then((line) => this.#passing(line));
    }
  }

  /** Takes the connection of datagrams: content goes over it as soon as some have passed both ways. */
  lend(line: DatagramLine): void {
    this.#lent(line);
  }

  async #passing({ board, passes }: DatagramLine): Promise<Switchboard | undefined> {
    const error = await passes;
    if (error === undefined) return board;
    this.#run?.tell(streamWarning(`${error.message}: content goes over the connection`));
    return undefined;
  }

  /** Takes one more connection, for content. */
  join(board: Switchboard): void {
    if (this.#client === undefined) this.#joined.push(board);
    else this.#client.join(board);
  }

  /** As SyncRun's. */
  get counters(): SyncRun["counters"] | undefined {
    return this.#run?.counters;
  }

  /** As SyncRun's. */
  get scanComplete(): boolean {
    return this.#run?.scanComplete ?? false;
  }

  /** As SyncRun's. */
  scanAhead(): void {
    this.#scansAhead = true;
    this.#run?.scanAhead();
  }

  /** As SyncRun's. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#run?.cancel(error);
    this.#stopping.abort(error);
    this.#abandon?.(error);
  }

  #abandon: ((error: ManifoldError) => void) | undefined;

  /** Waits for what the source's end has to say, and runs to the end. Throws ManifoldError. */
  async run(): Promise<SyncResult> {
    const board = this.#board;
    try {
      const ends = await new Promise<EndsMessage>((resolve, reject) => {
        this.#abandon = reject;
        board.onBroken((error) => this.cancel(error));
        let isTold = false;
        board.onControl((message) => {
          if (message.kind === "ends" && !isTold) {
            isTold = true;
            resolve(message);
          } else if (message.kind === "cancel") this.cancel(cancelled());
          else throw unexpected(message.kind);
        });
      });
      if (this.#failure !== undefined) throw this.#failure;
      const plan = farPlan(ends);
      await this.#prepare(plan);
      const client = new SourceClient(board.peer, {
        tell: (event) => this.#run?.tell(event),
        lost: ({ label }, { message }) =>
          this.#run?.tell(streamWarning(`lost one of the connections with ${label}: ${message}`)),
        expected: this.#options.limits.streams,
        streams: this.#surroundings.laneUrl !== undefined,
        clock: this.#surroundings.clock,
      });
      this.#client = client;
      for (const more of this.#joined) client.join(more);
      if (this.#datagrams !== undefined) client.awaitPreferred(this.#datagrams);
      const far = { client, plan, asked: this.#asked };
      this.#run = new SyncRun(this.#options, this.#surroundings, this.#listener, far);
      if (this.#scansAhead) this.#run.scanAhead();
      board.on(lane.listing, (message) => client.takeListing(message));
      board.on(lane.content, (message) => client.takeContent(message));
      const result = await this.#run.run();
      this.#tellEnd({ kind: "ended", exit: result.exit });
      return result;
    } catch (error) {
      if (error instanceof ManifoldError) {
        this.#tellEnd({ kind: "failed", code: error.code, message: error.message });
      }
      throw error;
    } finally {
      board.letGo();
      // What is still on its way is for nobody.
      for (const number of [lane.listing, lane.content]) board.on(number, () => undefined);
    }
  }

  /** What is written before the run begins: what undoes it, and its recording. */
  async #prepare(sources: SourcePlan): Promise<void> {
    const [options, surroundings] = [this.#options, this.#surroundings];
    const ground: TargetRecordingGround = {
      ...{ options, surroundings, sources },
      board: this.#board,
      clock: surroundings.clock,
      signal: this.#stopping.signal,
      recording: this.#recording,
    };
    if (isUndone(options)) await undoAtTarget(ground, this.#undo);
    if (options.own.capture !== undefined) await recordTarget(ground);
  }
}

function cancelled(): ManifoldError {
  return new ManifoldError("signal", "the other end was stopped");
}

function unexpected(kind: string): ManifoldError {
  return new ManifoldError("protocol-data", `The other end sent a ${kind} message out of turn`);
}
