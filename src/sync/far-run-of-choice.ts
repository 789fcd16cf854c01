// A run with another machine in whichever protocol that speaks: ours, where it has manifold, else rsync's.

import { ManifoldError, toText } from "../base/index.ts";
import type { FarPlaces, Options } from "../options/index.ts";
import type { Counters } from "../tree/index.ts";
import { speaksRsync } from "./far/rsync-choice.ts";
import { streamWarning } from "./plan/run-problems.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { RemoteRun } from "./remote-run.ts";
import { RsyncPushRun } from "./rsync-push-run.ts";
import { RsyncRun } from "./rsync-run.ts";
import type { Listener, SyncResult } from "./run-listener.ts";

/** Such a run; the methods are SyncRun's. */
export class FarRunOfChoice {
  readonly #options: Options;
  readonly #far: FarPlaces;
  readonly #surroundings: Surroundings;
  readonly #listener: Listener;
  #run: RemoteRun | RsyncRun | RsyncPushRun;
  #scansAhead = false;

  constructor(options: Options, far: FarPlaces, surroundings: Surroundings, listener: Listener) {
    this.#options = options;
    this.#far = far;
    this.#surroundings = surroundings;
    this.#listener = listener;
    this.#run = speaksRsync(options, far)
      ? this.#byRsync()
      : new RemoteRun(options, far, surroundings, listener);
  }

  #byRsync(): RsyncRun | RsyncPushRun {
    const Chosen = this.#far.role === "source" ? RsyncRun : RsyncPushRun;
    return new Chosen(this.#options, this.#far, this.#surroundings, this.#listener);
  }

  /** As SyncRun's. */
  get counters(): Counters {
    return this.#run.counters;
  }

  /** As SyncRun's. */
  get scanComplete(): boolean {
    return this.#run.scanComplete;
  }

  /** Bytes that went over the wire from here. */
  get bytesSent(): number {
    return this.#run.bytesSent;
  }

  /** Bytes that came over the wire. */
  get bytesReceived(): number {
    return this.#run.bytesReceived;
  }

  /** As SyncRun's. */
  scanAhead(): void {
    this.#scansAhead = true;
    this.#run.scanAhead();
  }

  /** As SyncRun's. */
  cancel(error: ManifoldError): void {
    this.#run.cancel(error);
  }

  /** Runs to the end; where the other machine has no manifold, by its rsync. Throws ManifoldError. */
  async run(): Promise<SyncResult> {
    const far = this.#far;
    try {
      return await this.#run.run();
    } catch (error) {
      if (!this.#mayFallBack(error)) throw error;
    }
    if (far.kind === "shell") {
      const host = toText(far.host);
      const words = `${host} has no manifold: its rsync is spoken with (--protocol=rsync does so at once)`;
      this.#listener.event(streamWarning(words));
    }
    this.#run = this.#byRsync();
    if (this.#scansAhead) this.#run.scanAhead();
    return await this.#run.run();
  }

  #mayFallBack(error: unknown): boolean {
    const { remote } = this.#options;
    if (!(error instanceof ManifoldError) || remote.wire !== undefined) return false;
    // What a command of the user's connects to was a daemon of ours until it answered.
    if (error.data.answers === "rsync") return true;
    return error.code === "remote-missing" && remote.rsyncPath === undefined;
  }
}
