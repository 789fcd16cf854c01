// A run whose source is behind rsync's own protocol: a daemon, or rsync at the other end of a remote shell.

import type { ManifoldError } from "../base/index.ts";
import type { FarPlaces, Options } from "../options/index.ts";
import { Puller } from "../rsync/index.ts";
import { type Counters, type ProgressEvent, sumCounters } from "../tree/index.ts";
import { askedOf } from "./far/asked-of.ts";
import { emptyDirectories, keepsEmptyOf } from "./far/empty-directories.ts";
import { readFileList } from "./far/read-file-list.ts";
import { mayBeIncremental, pullArguments } from "./far/rsync-arguments.ts";
import { RsyncConversation } from "./far/rsync-conversation.ts";
import { RsyncDirectories } from "./far/rsync-directories.ts";
import { planOf } from "./far/rsync-plan.ts";
import type { RsyncPeer } from "./far/rsync-reach.ts";
import { rulesForSender } from "./far/rsync-rules.ts";
import { RsyncSource } from "./far/rsync-source.ts";
import { ownXattrsOf } from "./far/rsync-xattrs.ts";
import { becomeCopier } from "./plan/become-copier.ts";
import { exitStatus } from "./plan/exit-status.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import type { AskedTerms, Listener, SyncResult } from "./run-listener.ts";
import { SyncRun } from "./sync-tree.ts";

/** How long the other end may take to end the conversation when everything has been said. Arbitrary. */
const endingMs = 30_000;

/** Such a run; the methods are SyncRun's. */
export class RsyncRun {
  readonly #options: Options;
  readonly #far: FarPlaces;
  #surroundings: Surroundings;
  readonly #listener: Listener;
  readonly #talk: RsyncConversation;
  #run: SyncRun | undefined;
  #puller: Puller | undefined;
  /** What --files-from names, a NUL behind each; undefined = nothing, or the list is at the other end. */
  #names: Uint8Array | undefined;
  #scansAhead = false;
  #disarm: () => void = () => undefined;
  /** What was told before there was a run. */
  readonly #early: ProgressEvent[] = [];
  /** Exit statuses of what is told when the target's end is through. */
  readonly #late = new Set<number>();

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
    return this.#run?.counters ?? sumCounters([]);
  }

  /** As SyncRun's. */
  get scanComplete(): boolean {
    return this.#run?.scanComplete ?? false;
  }

  /** Bytes that went over the wire from here. */
  get bytesSent(): number {
    return this.#talk.bytesSent;
  }

  /** Bytes that came over the wire. */
  get bytesReceived(): number {
    return this.#talk.bytesReceived;
  }

  /** As SyncRun's. */
  scanAhead(): void {
    this.#scansAhead = true;
    this.#run?.scanAhead();
  }

  /** As SyncRun's. */
  cancel(error: ManifoldError): void {
    this.#talk.cancel(error);
    this.#run?.cancel(error);
  }

  /** Runs to the end. Throws ManifoldError. */
  async run(): Promise<SyncResult> {
    this.#talk.checkOptions(false);
    try {
      return await this.#pull();
    } catch (error) {
      // Why there is no run the other end may have said.
      for (const event of this.#early.splice(0)) this.#listener.event(event);
      throw this.#talk.reasonOf(error);
    } finally {
      this.#disarm();
      this.#puller?.destroy();
      this.#talk.close();
    }
  }

  async #pull(): Promise<SyncResult> {
    const options = this.#options;
    const rules = rulesForSender(this.#talk.rules());
    const isListed = options.walk.filesFrom !== undefined && this.#far.list === undefined;
    if (isListed) this.#names = readFileList(options, this.#surroundings);
    const words = pullArguments(options, mayBeIncremental(options), this.#far.list);
    const { reader, terms } = await this.#talk.reach({
      words,
      text: (line) => this.#tell({ type: "note", topic: "misc", level: 0, text: line }),
    });
    this.#surroundings = becomeCopier(options, this.#surroundings);
    const directories = new RsyncDirectories(terms.list, options, this.#surroundings);
    if (options.walk.pruneEmptyDirs) {
      const keeps = keepsEmptyOf(options, this.#surroundings);
      directories.prune((entries) => emptyDirectories(entries, keeps));
    }
    let begin: () => void = () => undefined;
    const began = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const source = new RsyncSource(
      directories,
      {
        began: () => begin(),
        tell: (event) => this.#tell(event),
        failed: (error) => this.cancel(error),
      },
      {
        streams: this.#surroundings.laneUrl !== undefined,
        asksAhead: true,
        // The other end does not know of it.
        dryRun: false,
        own: ownXattrsOf(options, this.#surroundings),
      },
    );
    const withoutSums = options.transfer.append === "append";
    this.#puller = new Puller(reader, { ...terms, withoutSums }, rules, source);
    source.connect(this.#puller);
    if (this.#names !== undefined) this.#puller.out.names(this.#names, terms.protocol);
    await this.#talk.wait(began);
    return await this.#conduct(source, directories, terms.checksums);
  }

  async #conduct(
    source: RsyncSource,
    directories: RsyncDirectories,
    sums: RsyncPeer["terms"]["checksums"],
  ): Promise<SyncResult> {
    const far = {
      client: source,
      plan: planOf(directories),
      asked: this.#asked(),
      sums,
    };
    const run = new SyncRun(this.#options, this.#surroundings, this.#listener, far);
    this.#run = run;
    for (const event of this.#early.splice(0)) run.tell(event);
    if (this.#scansAhead) run.scanAhead();
    const result = await run.run();
    await this.#talk.wait(Promise.race([source.finish(), this.#patience()]));
    this.#talk.checkNotCancelled();
    // What a program at the other end has to say goes to our standard error; how it ends says how bad that was.
    const exits = new Set([...this.#late, result.exit].filter((exit) => exit !== 0));
    return { ...result, exit: exitStatus(exits) || source.status };
  }

  /** Whoever has everything does not wait for long for the other end to go. */
  #patience(): Promise<void> {
    return new Promise((resolve) => {
      this.#disarm = this.#surroundings.clock.after(endingMs, resolve);
    });
  }

  #asked(): AskedTerms | undefined {
    const { remote, walk } = this.#options;
    // Nobody here knows what the other end's shell makes of arguments as they are.
    if (remote.trustSender || remote.oldArgs > 0) return undefined;
    const { paths, list: there } = this.#far;
    // Nobody here knows what a list at the other end names.
    if (there !== undefined) return undefined;
    return { paths: askedOf({ places: paths, expansion: "wildcards", list: this.#names }, walk) };
  }

  #tell(event: ProgressEvent): void {
    if (this.#run === undefined) this.#early.push(event);
    else this.#run.tell(event);
    if (event.type === "problem" && event.exit !== 0) this.#late.add(event.exit);
  }
}
