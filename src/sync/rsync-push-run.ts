// A run whose target is behind rsync's own protocol: a daemon, or rsync at the other end of a remote shell.

import { type ByteString, ManifoldError } from "../base/index.ts";
import type { FarPlaces, Options } from "../options/index.ts";
import type { TextKind } from "../rsync/index.ts";
import {
  type Counters,
  formatFilterRules,
  type ProgressEvent,
  sumCounters,
} from "../tree/index.ts";
import { asksForRules, maySendIncrementally, pushArguments } from "./far/push-arguments.ts";
import { unavailableOption } from "./far/rsync-arguments.ts";
import { type RsyncPeer, reachRsync } from "./far/rsync-reach.ts";
import { rulesForReceiver } from "./far/rsync-rules.ts";
import { textEvent } from "./far/rsync-texts.ts";
import { parseRunFilters } from "./lane/run-filters.ts";
import { exitStatus } from "./plan/exit-status.ts";
import { openDoor } from "./plan/open-door.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { RsyncSender } from "./rsync-sender.ts";
import type { Listener, SyncResult } from "./run-listener.ts";

/** Such a run; the methods are SyncRun's. */
export class RsyncPushRun {
  readonly #options: Options;
  readonly #far: FarPlaces;
  readonly #surroundings: Surroundings;
  readonly #listener: Listener;
  readonly #exits = new Set<number>();
  #sender: RsyncSender | undefined;
  #peer: RsyncPeer | undefined;
  #failure: ManifoldError | undefined;
  #abandon: ((error: ManifoldError) => void) | undefined;
  #hasStarted = false;
  readonly #early: ProgressEvent[] = [];

  constructor(options: Options, far: FarPlaces, surroundings: Surroundings, listener: Listener) {
    this.#options = options;
    this.#far = far;
    // Digests that are kept are not rsync's.
    this.#surroundings = { ...surroundings, cache: undefined };
    this.#listener = listener;
  }

  /** As SyncRun's. */
  get counters(): Counters {
    return this.#sender?.counters ?? sumCounters([]);
  }

  /** As SyncRun's. */
  get scanComplete(): boolean {
    return this.#sender?.scanComplete ?? false;
  }

  /** Bytes that went over the wire from here. */
  get bytesSent(): number {
    return this.#peer?.bytesSent ?? 0;
  }

  /** Bytes that came over the wire. */
  get bytesReceived(): number {
    return this.#peer?.bytesReceived ?? 0;
  }

  /** As SyncRun's; the walk is ahead of everything as it is. */
  scanAhead(): void {
    // Nothing to do.
  }

  /** As SyncRun's. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#sender?.cancel(error);
    this.#abandon?.(error);
  }

  /** Runs to the end. Throws ManifoldError. */
  async run(): Promise<SyncResult> {
    const unavailable = unavailableOption(this.#options, "target");
    if (unavailable !== undefined) {
      const message = `${unavailable} is not available yet with rsync's protocol`;
      throw new ManifoldError("not-yet", message);
    }
    try {
      return await this.#push();
    } catch (error) {
      throw this.#failure ?? error;
    } finally {
      this.#peer?.destroy();
    }
  }

  async #push(): Promise<SyncResult> {
    const options = this.#options;
    const rules = this.#rules();
    const words = pushArguments(options, maySendIncrementally(options));
    this.#peer = await this.#reached(words);
    const { reader, terms } = this.#peer;
    if (this.#failure !== undefined) throw this.#failure;
    const sender = new RsyncSender(options, this.#surroundings, {
      tell: (event) => this.#tell(event),
      planned: ({ plan }) => this.#started(plan),
      text: (kind, text) => this.#text(kind, text),
    });
    this.#sender = sender;
    const { dryRun } = options.transfer;
    const ways = { dryRun, isServer: false, readsRules: false };
    await sender.run(reader, { ...terms, ...ways }, rules);
    if (this.#failure !== undefined) throw this.#failure;
    const exit = exitStatus(this.#exits) || sender.status;
    return { exit, counters: this.counters };
  }

  #reached(words: readonly ByteString[]): Promise<RsyncPeer> {
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      const text = (line: ByteString): void =>
        this.#tell({ type: "note", topic: "misc", level: 0, text: line });
      reachRsync(this.#options, this.#far, this.#surroundings, { words, text }).then((peer) => {
        if (this.#failure !== undefined) peer.destroy();
        resolve(peer);
      }, reject);
    });
  }

  #started(plan: Parameters<Listener["started"]>[0]["plan"]): void {
    this.#hasStarted = true;
    this.#listener.started({
      plan,
      target: { path: "", label: this.#options.target ?? "", poured: false },
      ...{ targetExists: true, madeRoot: false, created: undefined },
      naming: { lastName: undefined, isLone: false },
      ...{ events: [], incomplete: false, failure: undefined },
    });
    for (const event of this.#early.splice(0)) this.#listener.event(event);
  }

  /** Rules for the other end, where that asks for any. */
  #rules(): ByteString[] | undefined {
    const options = this.#options;
    if (!asksForRules(options)) return undefined;
    const fs = openDoor(this.#surroundings);
    const rules = parseRunFilters(fs, options, this.#surroundings, () => undefined);
    return rules === undefined
      ? []
      : rulesForReceiver(formatFilterRules(rules), options.delete.excluded);
  }

  #tell(event: ProgressEvent): void {
    if (event.type === "problem" && event.exit !== 0) this.#exits.add(event.exit);
    if (this.#hasStarted) this.#listener.event(event);
    else this.#early.push(event);
  }

  #text(kind: TextKind, text: ByteString): void {
    const event = textEvent(kind, text, "target");
    if (event !== undefined) this.#tell(event);
  }
}
