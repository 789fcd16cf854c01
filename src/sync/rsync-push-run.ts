// A run whose target is behind rsync's own protocol: a daemon, or rsync at the other end of a remote shell.

import { type ByteString, ManifoldError } from "../base/index.ts";
import type { FarPlaces, Options } from "../options/index.ts";
import type { TextKind } from "../rsync/index.ts";
import { type Counters, type ProgressEvent, sumCounters } from "../tree/index.ts";
import { asksForRules, maySendIncrementally, pushArguments } from "./far/push-arguments.ts";
import { RsyncConversation } from "./far/rsync-conversation.ts";
import { rulesForReceiver } from "./far/rsync-rules.ts";
import { textEvent } from "./far/rsync-texts.ts";
import { becomeCopier } from "./plan/become-copier.ts";
import { exitStatus } from "./plan/exit-status.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { RsyncSender } from "./rsync-sender.ts";
import type { Listener, SyncResult } from "./run-listener.ts";

/** The protocol from which on names travel like everything else. */
const namesInFrames = 31;

/** Such a run; the methods are SyncRun's. */
export class RsyncPushRun {
  readonly #options: Options;
  readonly #far: FarPlaces;
  #surroundings: Surroundings;
  readonly #listener: Listener;
  readonly #talk: RsyncConversation;
  readonly #exits = new Set<number>();
  #sender: RsyncSender | undefined;
  #hasStarted = false;
  readonly #early: ProgressEvent[] = [];

  constructor(options: Options, far: FarPlaces, surroundings: Surroundings, listener: Listener) {
    this.#options = options;
    this.#far = far;
    // Digests that are kept are not rsync's.
    this.#surroundings = { ...surroundings, cache: undefined };
    this.#listener = listener;
    this.#talk = new RsyncConversation(options, far, this.#surroundings);
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
    return this.#talk.bytesSent;
  }

  /** Bytes that came over the wire. */
  get bytesReceived(): number {
    return this.#talk.bytesReceived;
  }

  /** As SyncRun's; the walk is ahead of everything as it is. */
  scanAhead(): void {
    // Nothing to do.
  }

  /** As SyncRun's. */
  cancel(error: ManifoldError): void {
    this.#talk.cancel(error);
    this.#sender?.cancel(error);
  }

  /** Runs to the end. Throws ManifoldError. */
  async run(): Promise<SyncResult> {
    this.#talk.checkOptions(true);
    try {
      return await this.#push();
    } catch (error) {
      // Why there is no run the other end may have said.
      for (const event of this.#early.splice(0)) this.#listener.event(event);
      throw this.#talk.reasonOf(error);
    } finally {
      this.#talk.close();
    }
  }

  async #push(): Promise<SyncResult> {
    const options = this.#options;
    const rules = this.#rules();
    const { list } = this.#far;
    const words = pushArguments(options, maySendIncrementally(options), list);
    const { reader, terms } = await this.#talk.reach({
      words,
      text: (line) => this.#tell({ type: "note", topic: "misc", level: 0, text: line }),
    });
    this.#surroundings = becomeCopier(options, this.#surroundings);
    const sender = new RsyncSender(this.#sent(terms.protocol), this.#surroundings, {
      tell: (event) => this.#tell(event),
      planned: ({ plan }) => this.#started(plan),
      text: (kind, text) => this.#text(kind, text),
    });
    this.#sender = sender;
    const { dryRun, append } = options.transfer;
    const ways = { dryRun, append, isServer: false, readsRules: false };
    const readsNames = list !== undefined;
    await sender.run(reader, { ...terms, ...ways, readsNames }, rules);
    this.#talk.checkNotCancelled();
    const exit = exitStatus(this.#exits) || sender.status;
    return { exit, counters: this.counters };
  }

  /** What is sent: a list of names that the other end has comes over the wire. */
  #sent(protocol: number): Options {
    const options = this.#options;
    if (this.#far.list === undefined) return options;
    if (protocol < namesInFrames) {
      const words = `A list of names at the target takes protocol ${namesInFrames}, it speaks ${protocol}`;
      throw new ManifoldError("unsupported", words);
    }
    return { ...options, walk: { ...options.walk, filesFrom: "-", from0: true } };
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
    return rulesForReceiver(this.#talk.rules(), options.delete.excluded);
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
