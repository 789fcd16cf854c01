// The source's end of a run whose other end speaks rsync's protocol: walks, lists, and sends what is asked for. A client's, or a
// server's.

import { type ByteString, ManifoldError } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import {
  type Answer,
  brokenProtocol,
  compat,
  type DeletionCounts,
  type ItemHeader,
  listError,
  type PlainReader,
  Pusher,
  type PushListener,
  type PushTerms,
  type Statistics,
  type TextKind,
  type XattrValues,
} from "../rsync/index.ts";
import { Scheduler } from "../schedule/index.ts";
import { type Counters, isRegular, type ProgressEvent } from "../tree/index.ts";
import { Conductor } from "./conduct/conductor.ts";
import { laneLimits } from "./conduct/lane-limits.ts";
import { withRules } from "./far/client-rules.ts";
import { planPush } from "./far/plan-push.ts";
import { PushContent } from "./far/push-content.ts";
import type { PushedRow } from "./far/push-directory.ts";
import { longXattrs } from "./far/push-entries.ts";
import type { PushedFile, PushedResult } from "./far/push-file.ts";
import { PushRemoval } from "./far/push-removal.ts";
import { PushTelling, problemOf, statisticsOf, vanished } from "./far/push-telling.ts";
import { PushTree } from "./far/push-tree.ts";
import type { SenderListener } from "./far/sender-listener.ts";
import { sourceLane, tokenSettings } from "./far/source-lane.ts";
import { SharedMemory } from "./plan/shared-memory.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { startLane } from "./run-lanes.ts";
import { itemsWanted } from "./tasks/item-wishes.ts";
import type { LaneResult, LaneTask } from "./tasks/tasks.ts";

const readPriority = 0;

/** One run. */
export class RsyncSender implements PushListener {
  readonly #options: Options;
  readonly #surroundings: Surroundings;
  readonly #listener: SenderListener;
  readonly #memory: SharedMemory;
  readonly #telling: PushTelling;
  #scheduler: Scheduler<LaneTask, LaneResult> | undefined;
  #conductor: Conductor | undefined;
  #pusher: Pusher | undefined;
  #tree: PushTree | undefined;
  #content: PushContent | undefined;
  #removal: PushRemoval | undefined;
  readonly #tellers = new WeakMap<Answer, ReturnType<PushTelling["item"]>>();
  #resolve: (() => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #failure: unknown;
  #errors = 0;
  readonly #beganMs: number;
  /** How the other end went. */
  status = 0;

  constructor(options: Options, surroundings: Surroundings, listener: SenderListener) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#named = surroundings.readStandardInput;
    this.#listener = listener;
    this.#beganMs = surroundings.clock.now();
    this.#memory = new SharedMemory(laneLimits(options, surroundings, true).lanesMax);
    this.#telling = new PushTelling({
      items: itemsWanted(options),
      keepsTimes: options.preserve.times,
      tell: (event) => listener.tell(event),
    });
  }

  /** Counters as of now. */
  get counters(): Counters {
    return this.#telling.counters(this.#tree);
  }

  /** Everything has been listed. */
  get scanComplete(): boolean {
    return this.#conductor?.scanComplete ?? false;
  }

  /** Ends the run: run() throws the error. */
  cancel(error: ManifoldError): void {
    this.#fail(error);
  }

  /** Serves to the end. `rules`: filters that the other end has to know. Throws ManifoldError. */
  async run(
    reader: PlainReader,
    terms: PushTerms,
    rules: readonly ByteString[] | undefined,
  ): Promise<void> {
    const over = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    over.catch(() => undefined);
    this.#pusher = new Pusher(reader, terms, rules, this);
    this.#listener.connected?.(this.#pusher.out.frames);
    try {
      if (!terms.readsRules && !terms.readsNames) this.#begin(this.#options, this.#pusher);
      if (this.#failure !== undefined) throw this.#failure;
      await over;
    } catch (error) {
      if (error instanceof ManifoldError) this.#pusher.abort(error.message, error.exit);
      throw error;
    } finally {
      this.#conductor?.stop();
      this.#memory.stop();
      this.#scheduler?.letGo();
      await this.#walking;
      await this.#scheduler?.close();
      this.#pusher.destroy();
    }
  }

  #walking: Promise<void> = Promise.resolve();
  /** What --files-from=- stands for. */
  #named: Surroundings["readStandardInput"];

  #begin(options: Options, pusher: Pusher): void {
    const surroundings = { ...this.#surroundings, readStandardInput: this.#named };
    const { terms } = pusher;
    const { sources, filterRules } = planPush(options, surroundings, (event) => this.tell(event));
    this.#listener.planned?.(sources);
    for (const event of sources.events) this.tell(event);
    if (sources.incomplete) this.#errors |= listError.general;
    const limits = laneLimits(options, surroundings, true);
    const { clock, processors, processorMs } = surroundings;
    const context = { options, surroundings, sources, filterRules, digests: undefined };
    const tokens = tokenSettings(options, terms);
    const settings = sourceLane(context, this.#memory, tokens);
    const lanes = {
      failed: (error: unknown): void => this.#fail(error),
      news: (result: LaneResult): void => this.#received(result),
    };
    const scheduler = new Scheduler<LaneTask, LaneResult>(limits, {
      clock,
      processors,
      processorMs,
      startLane: (lane) => startLane({ ...settings, lane }, surroundings, lanes),
      refill: (wanted) => this.#conductor?.refill(wanted),
      onResult: (result) => this.#received(result),
    });
    this.#scheduler = scheduler;
    this.#content = new PushContent({
      sums: terms.checksums,
      packing: tokens.farPacking,
      inPlace: options.transfer.inplace,
      sumsAll: options.transfer.append === "verify",
      inPlacePartials: (terms.compat & compat.inPlacePartialDir) !== 0,
      submit: (task, cost) => scheduler.submit(task, readPriority, cost),
      backlog: () => pusher.backlog,
      done: (file, result) => this.#done(file, result),
    });
    this.#removal = new PushRemoval(options.transfer, {
      submit: (task) => scheduler.submit(task, readPriority, 1),
      tell: (event) => this.tell(event),
    });
    const tree = new PushTree({
      ...{ options, plan: sources.plan, terms: terms.list, out: pusher.out },
      tell: (event) => this.tell(event),
      hold: () => scheduler.hold(),
      release: () => scheduler.release(),
    });
    tree.errors |= this.#errors;
    this.#tree = tree;
    this.#conductor = new Conductor(
      {
        ...{ options, plan: sources.plan, targetExists: true, opensDirectories: false },
        items: "none",
        scansAhead: () => false,
        tell: (event) => this.tell(event),
        farTarget: tree,
      },
      () => scheduler,
    );
    this.#walking = this.#conductor.walk(false).then(
      () => {
        if (this.#failure === undefined) tree.walked();
      },
      (error) => this.#fail(error),
    );
  }

  #received(result: LaneResult): void {
    if (result.kind === "read") this.#content?.answered(result);
    else if (result.kind === "removed") this.#removal?.removed(result);
    else if (result.kind === "failed") {
      this.#fail(new ManifoldError(result.error.code, result.error.message));
    } else this.#conductor?.receive(result);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#conductor?.stop();
    this.#scheduler?.abort();
    this.#reject?.(error);
  }

  /** Tells what was met. */
  tell(event: ProgressEvent): void {
    if (event.type === "problem" && event.errno === vanished) this.#errors |= listError.vanished;
    this.#listener.tell(event);
  }

  #done(file: PushedFile, { failed, literal, matched }: PushedResult): void {
    const { answer } = file;
    if (failed !== undefined) {
      if (answer.state === "open") answer.refuse();
      this.#errors |= failed.errno === vanished ? listError.vanished : listError.general;
      this.#listener.tell(problemOf(file, failed));
    }
    this.#tellers.get(answer)?.({ literal, matched, isFailed: failed !== undefined });
  }

  #find(index: number): PushedRow {
    const found = this.#tree?.find(index);
    if (found === undefined) throw brokenProtocol(`it asks about entry ${index}, which is none`);
    return found;
  }

  // What the other end says.

  rules(rules: readonly ByteString[], names: Uint8Array | undefined): void {
    const options = withRules(this.#options, rules);
    if (names !== undefined) this.#named = () => names;
    try {
      if (this.#pusher !== undefined) this.#begin(options, this.#pusher);
    } catch (error) {
      this.#fail(error);
    }
  }

  item(header: ItemHeader): void {
    this.#telling.item(header, this.#find(header.index), false);
  }

  request(header: ItemHeader, answer: Answer | undefined): void {
    const at = this.#find(header.index);
    const isFile = at.row >= 0 && isRegular(at.directory.columns.mode[at.row] as number);
    if (!isFile) throw brokenProtocol(`it asks for the content of entry ${header.index}, no file`);
    const done = this.#telling.item(header, at, answer !== undefined);
    if (answer === undefined) return;
    this.#tellers.set(answer, done);
    this.#content?.ask({ ...at, answer });
  }

  xattrs(index: number, places: readonly number[]): XattrValues {
    return longXattrs(this.#find(index), places);
  }

  listDone(): void {
    this.#tree?.listDone();
  }

  success(index: number): void {
    this.#removal?.add(this.#find(index));
  }

  deleted(name: ByteString): void {
    this.#telling.deleted(name);
  }

  deletions(counts: DeletionCounts): void {
    this.#telling.deletions(counts);
  }

  text(kind: TextKind, text: ByteString): void {
    this.#listener.text(kind, text);
  }

  statistics(): Statistics {
    const elapsedMs = this.#surroundings.clock.now() - this.#beganMs;
    return statisticsOf(this.#pusher?.channel, this.#tree, elapsedMs);
  }

  get errors(): number {
    return this.#errors | (this.#tree?.errors ?? 0);
  }

  drained = (): void => this.#content?.goOn();

  ended(error: ManifoldError | undefined): void {
    this.status = Number(error?.data.status ?? 0);
    const over = (): void => this.#resolve?.();
    if (this.#removal === undefined) over();
    else this.#removal.whenDone(over);
  }

  failed = (error: ManifoldError): void => this.#fail(error);
}
