// The target's end of a run whose source is an rsync client: this end is the server, does what any target's end does, and tells
// the client in rsync's way what it did.

import { type ByteString, ManifoldError, toBytes } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import {
  type DeletionCounts,
  type PlainReader,
  Puller,
  type PullTerms,
  tag,
} from "../rsync/index.ts";
import {
  type Counters,
  change,
  type ItemEvent,
  isDirectory,
  isSymlink,
  type ProgressEvent,
} from "../tree/index.ts";
import { withRules } from "./far/client-rules.ts";
import { emptyDirectories, keepsEmptyOf } from "./far/empty-directories.ts";
import { flagsOf } from "./far/push-items.ts";
import { RsyncDirectories } from "./far/rsync-directories.ts";
import { planOf } from "./far/rsync-plan.ts";
import { RsyncSource } from "./far/rsync-source.ts";
import { ownXattrsOf } from "./far/rsync-xattrs.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { SyncRun } from "./sync-tree.ts";

/** Longer texts are refused by rsync. */
const textBytesMax = 5000;
/** How long the client may take to end the conversation. Arbitrary. */
const endingMs = 30_000;

/** What the server's end says in words. */
export interface ServerVoice {
  /** Lines for an event of a run with these options, without their ends. */
  lines(event: ProgressEvent, options: Options): readonly ByteString[];
}

/** One run. */
export class RsyncReceiver {
  #options: Options;
  readonly #surroundings: Surroundings;
  readonly #voice: ServerVoice;
  #puller: Puller | undefined;
  #run: SyncRun | undefined;
  #failure: ManifoldError | undefined;
  #abandon: ((error: ManifoldError) => void) | undefined;
  #directories: RsyncDirectories | undefined;

  constructor(options: Options, surroundings: Surroundings, voice: ServerVoice) {
    this.#options = options;
    this.#surroundings = { ...surroundings, cache: undefined };
    this.#voice = voice;
  }

  /** Ends the run: run() throws the error. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    this.#run?.cancel(error);
    this.#abandon?.(error);
  }

  /** Serves to the end; resolves to the exit status. Throws ManifoldError. */
  async run(reader: PlainReader, terms: PullTerms): Promise<number> {
    const directories = new RsyncDirectories(terms.list, this.#options, this.#surroundings);
    directories.keepIndices();
    if (this.#options.walk.pruneEmptyDirs) {
      // The client's rules come ahead of its list.
      directories.prune((entries) =>
        emptyDirectories(entries, keepsEmptyOf(this.#options, this.#surroundings)),
      );
    }
    this.#directories = directories;
    let begin: () => void = () => undefined;
    const began = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const source = new RsyncSource(
      directories,
      {
        began: () => begin(),
        tell: (event) => this.#event(event),
        failed: (error) => this.cancel(error),
        rules: (rules) => this.#takeRules(rules),
      },
      {
        streams: this.#surroundings.laneUrl !== undefined,
        asksAhead: false,
        dryRun: this.#options.transfer.dryRun,
        own: ownXattrsOf(this.#options, this.#surroundings),
      },
    );
    const puller = new Puller(reader, terms, [], source);
    this.#puller = puller;
    source.connect(puller);
    try {
      await this.#stoppable(began);
      const far = {
        client: source,
        plan: planOf(directories),
        asked: undefined,
        sums: terms.checksums,
      };
      const run = new SyncRun(
        countingItems(this.#options),
        this.#surroundings,
        { started: () => undefined, event: (event) => this.#event(event) },
        far,
      );
      this.#run = run;
      const { exit, counters } = await run.run();
      const hasDeleted = this.#options.delete.mode !== "none";
      const ended = source.finish(hasDeleted ? deletionsOf(counters) : undefined);
      await this.#stoppable(Promise.race([ended, this.#patience()]));
      if (this.#failure !== undefined) throw this.#failure;
      return exit;
    } catch (error) {
      const told = this.#failure ?? error;
      if (told instanceof ManifoldError) this.#tellFailure(puller, told, terms.protocol);
      throw told;
    } finally {
      this.#disarm();
      puller.destroy();
    }
  }

  #disarm: () => void = () => undefined;

  #patience(): Promise<void> {
    return new Promise((resolve) => {
      this.#disarm = this.#surroundings.clock.after(endingMs, resolve);
    });
  }

  #tellFailure(puller: Puller, error: ManifoldError, protocol: number): void {
    puller.giveUp(`${error.message}\n`, error.exit, protocol);
  }

  #takeRules(rules: readonly ByteString[]): void {
    this.#options = withRules(this.#options, rules);
  }

  #stoppable<T>(waited: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      if (this.#failure !== undefined) reject(this.#failure);
      waited.then(resolve, reject);
    });
  }

  #event(event: ProgressEvent): void {
    if (event.type === "item") this.#item(event);
    else if (event.type === "delete") this.#deleted(event.path, isDirectory(event.mode));
    else {
      const kind =
        event.type === "problem" ? (event.exit === 0 ? tag.warning : tag.errorTransfer) : tag.info;
      for (const line of this.#voice.lines(event, this.#options)) this.#text(kind, `${line}\n`);
    }
  }

  #text(kind: number, text: ByteString): void {
    this.#puller?.out.frames.message(kind, toBytes(text.slice(0, textBytesMax)));
  }

  #item({ path, changes, mode, linkTarget }: ItemEvent): void {
    const { dryRun } = this.#options.transfer;
    // Content was asked for with the same flags.
    if ((changes & change.transfer) !== 0 && !dryRun) return;
    const index = this.#directories?.indexOf(path);
    if (index === undefined) return;
    const flags = flagsOf(changes, isSymlink(mode));
    const isLink = (changes & change.hardLink) !== 0;
    this.#puller?.out.item(index, flags, isLink ? (linkTarget ?? "") : undefined);
  }

  #deleted(path: ByteString, isDirectoryName: boolean): void {
    const { output } = this.#options;
    if (output.outFormat === undefined && output.itemize === 0 && output.verbose === 0) return;
    const name = isDirectoryName ? `${path.replace(/\/$/, "")}\0` : path;
    this.#puller?.out.frames.message(tag.deleted, toBytes(name));
  }
}

/** A client counts what it is told of, also where it prints nothing of that. */
function countingItems(options: Options): Options {
  const { output } = options;
  return output.stats && output.itemize === 0
    ? { ...options, output: { ...output, itemize: 1 } }
    : options;
}

function deletionsOf(counters: Counters): DeletionCounts {
  return {
    files: counters.deletedRegular,
    directories: counters.deletedDirectories,
    links: counters.deletedSymlinks,
    devices: counters.deletedDevices,
    specials: counters.deletedSpecials,
  };
}
