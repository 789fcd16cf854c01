// The source's end of a run whose target is on another machine: looks at its arguments, tells what they
// bring, and serves the walk and the reading until the target's end has everything.

import { ManifoldError } from "../base/index.ts";
import { FsError } from "../fs/index.ts";
import type { Options } from "../options/index.ts";
import { lane } from "../session/index.ts";
import type { FilterRuleSet } from "../tree/index.ts";
import type { Recording } from "./capture-file.ts";
import type { DatagramLine } from "./far/datagram-line.ts";
import { endsMessage } from "./far/far-plan.ts";
import { SourceServer } from "./far/source-server.ts";
import type { Switchboard } from "./far/switchboard.ts";
import { parseRunFilters } from "./lane/run-filters.ts";
import { systemError } from "./plan/end-errors.ts";
import { openDoor } from "./plan/open-door.ts";
import { planSources, type SourcePlan } from "./plan/plan-sources.ts";
import { RunDigests } from "./plan/run-digests.ts";
import { ruleWarning } from "./plan/run-problems.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { recordSource, type SourceRecordingGround } from "./record-source.ts";
import { startLane } from "./run-lanes.ts";
import { undoAtSource } from "./undo-far.ts";
import { isUndone } from "./undo-options.ts";
import type { UndoFile } from "./verbs/undo-file.ts";

/** Files that are written before the run, where this is the client. */
export interface ClientFiles {
  readonly recording?: Recording | undefined;
  /** Gets what undoes the run. */
  readonly undo?: UndoFile | undefined;
}

/** One run's source. */
export class SourceEnd {
  readonly #board: Switchboard;
  readonly #options: Options;
  readonly #surroundings: Surroundings;
  #server: SourceServer | undefined;
  #digests: RunDigests | undefined;
  readonly #client: ClientFiles;
  readonly #stopping = new AbortController();
  /** Connections that joined before there was a server. */
  readonly #joined: Switchboard[] = [];
  #fail: ((error: unknown) => void) | undefined;
  #end: (() => void) | undefined;

  constructor(
    board: Switchboard,
    options: Options,
    surroundings: Surroundings,
    client: ClientFiles = {},
  ) {
    this.#board = board;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#client = client;
  }

  /** Takes one more connection, for content. */
  join(board: Switchboard): void {
    if (this.#server === undefined) this.#joined.push(board);
    else this.#server.join(board);
  }

  /** Takes the connection of datagrams: what is asked for over it is answered there. */
  lend({ board }: DatagramLine): void {
    this.join(board);
  }

  /** Ends the run: run() throws the error, and the other end hears of it. */
  cancel(error: ManifoldError): void {
    this.#fail?.(error);
  }

  /** The target's end has told that it has everything. */
  ended(): void {
    this.#end?.();
  }

  /** Serves to the end. Throws ManifoldError. */
  async run(): Promise<void> {
    try {
      const failed = new Promise<void>((resolve, reject) => {
        this.#fail = reject;
        this.#end = resolve;
      });
      // When #open() throws, what the other end says to that comes too late to be waited for.
      failed.catch(() => undefined);
      this.#board.onBroken((error) => this.#fail?.(error));
      this.#open();
      await failed;
    } catch (error) {
      const told = error instanceof FsError ? systemError(error, "") : error;
      if (told instanceof ManifoldError) {
        this.#board.tell({ kind: "failed", code: told.code, message: told.message });
      }
      throw told;
    } finally {
      this.#stopping.abort(new ManifoldError("signal", "The run is over"));
      this.#board.letGo();
      // What is still asked for, nobody waits for.
      this.#board.on(lane.request, () => undefined);
      await this.#server?.close();
      this.#digests?.close();
    }
  }

  #open(): void {
    const surroundings = this.#surroundings;
    const options = this.#options;
    const fs = openDoor(surroundings);
    const warnings: ReturnType<typeof ruleWarning>[] = [];
    const filterRules = parseRunFilters(fs, options, surroundings, (message) =>
      warnings.push(ruleWarning(message, "source")),
    );
    const planned = planSources({ ...surroundings, fs, options, filterRules });
    const roots = { sources: planned.plan.roots, target: undefined };
    this.#digests = new RunDigests(options, surroundings, roots);
    const events = [...warnings, ...planned.events, ...this.#digests.notes];
    const sources: SourcePlan = { ...planned, events };
    const server = new SourceServer({
      options,
      surroundings,
      sources,
      filterRules,
      digests: this.#digests.settings,
      peer: this.#board.peer,
      startLane: (settings, listener) => startLane(settings, surroundings, listener),
      failed: (error) => this.#fail?.(error),
    });
    this.#server = server;
    for (const more of this.#joined) server.join(more);
    this.#board.tell(endsMessage(sources, options.personality === "manifold-rsync"));
    if (options.own.capture === undefined && !isUndone(options)) this.#serve(server);
    else {
      this.#prepare(sources, filterRules).then(
        () => this.#serve(server),
        (error) => this.#fail?.(error),
      );
    }
  }

  #serve(server: SourceServer): void {
    this.#board.onDrained(() => server.goOn());
    this.#board.on(lane.request, (message) => server.takeRequest(message));
  }

  /** What is written before the run begins: what undoes it, and its recording. */
  async #prepare(sources: SourcePlan, filterRules: FilterRuleSet | undefined): Promise<void> {
    const [options, surroundings] = [this.#options, this.#surroundings];
    const { recording, undo } = this.#client;
    const ground: SourceRecordingGround = {
      ...{ options, surroundings, sources, filterRules, recording },
      board: this.#board,
      clock: surroundings.clock,
      signal: this.#stopping.signal,
    };
    if (isUndone(options)) await undoAtSource(ground, undo);
    if (options.own.capture !== undefined) await recordSource(ground);
  }
}
