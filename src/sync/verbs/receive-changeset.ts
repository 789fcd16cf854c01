// `manifold receive DEST < csetdata`: applies a changeset. A file is verified as a whole before the
// first write; from a pipe each directory is applied as soon as its own digest is right.

import type { ByteString, ManifoldError } from "../../base/index.ts";
import type { ChangesetRecord, Header } from "../../changeset/index.ts";
import type { FileSystem } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import type { SchedulerLimits } from "../../schedule/index.ts";
import { type Counters, type ProgressEvent, stateDirectory } from "../../tree/index.ts";
import { closeRoot } from "../apply/close-directories.ts";
import { laneLimits } from "../conduct/lane-limits.ts";
import { Cancelled, type LaneContext } from "../lane/lane-context.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { openDoor } from "../plan/open-door.ts";
import { SharedMemory } from "../plan/shared-memory.ts";
import { keptPrefix } from "../state/kept-content.ts";
import { closeRunJob, keepsContent, openRunJob } from "../state/run-job.ts";
import { ScratchStore } from "../state/scratch-store.ts";
import type { ClosingDirectory } from "../tasks/tasks.ts";
import { makeTarget } from "./batch-target.ts";
import { ChangesetApplier } from "./changeset-applier.ts";
import type { ChangesetInput } from "./changeset-input.ts";
import { PartLanes } from "./part-lanes.ts";
import { inOrder, type PartTable } from "./part-table.ts";
import { targetProblem, timesOfRoot } from "./receive-root.ts";
import { checkHeader, receivingOptions } from "./receiving-options.ts";
import { RecordPump } from "./record-pump.ts";
import { openStageLane } from "./stage-lane.ts";
import { type StageContext, StageOutcome } from "./stage-output.ts";
import { verifyInput } from "./verify-input.ts";
import { keepPieces, saveUndo } from "./write-undo.ts";

/** Records between two looks at the time. */
const recordsPerPause = 64;

/** A changeset that is about to be applied. */
interface ChangesetRecords {
  readonly header: Header;
  /** What comes behind the header. */
  readonly pump: RecordPump;
  /** Which stretches can be applied at once, where that is known. */
  readonly table: PartTable | undefined;
}

type Pause = () => Promise<void> | undefined;

/** Who applies what keeps its order. */
interface Applying {
  readonly lane: LaneContext;
  readonly applier: ChangesetApplier;
}

/** A changeset on its way into a target: what can be asked of it and done to it meanwhile. */
export class ReceiveRun {
  readonly #context: StageContext;
  readonly #input: ChangesetInput;
  readonly #limits: SchedulerLimits;
  readonly #memory: SharedMemory;
  readonly #outcome: StageOutcome;
  readonly #lanes: PartLanes;
  #failure: unknown;
  /** The changeset was applied to its end. */
  #isOver = false;

  constructor(context: StageContext, input: ChangesetInput) {
    this.#context = context;
    this.#input = input;
    this.#outcome = new StageOutcome(context.tell);
    this.#limits = laneLimits(context.options, context.surroundings);
    this.#memory = new SharedMemory(this.#limits.lanesMax);
    this.#lanes = new PartLanes(context.surroundings, (error) => this.#stop(error));
  }

  /** Counters as of now. */
  get counters(): Counters {
    return this.#memory.sums;
  }

  /** Stops at the next entry; run() then throws the error. */
  cancel(error: ManifoldError): void {
    this.#stop(error);
  }

  #stop(error: unknown): void {
    this.#failure ??= error;
    this.#memory.stop();
  }

  /** Applies everything and returns the exit status. `pause` lets signals through now and then; the first write waits for `verified`. Throws ManifoldError. */
  async run(pause: Pause, verified?: () => Promise<void>): Promise<number> {
    const { surroundings, options } = this.#context;
    const { undo } = options.own;
    const kept = undo === undefined || this.#input.isRepeatable ? undefined : new ScratchStore();
    const pieces = kept === undefined ? this.#input.pieces : keepPieces(this.#input.pieces(), kept);
    const isVerified = kept !== undefined || this.#input.isRepeatable;
    let pump: RecordPump | undefined;
    try {
      const table = isVerified ? await this.#verify({ ...this.#input, pieces }, pause) : undefined;
      await verified?.();
      const fs = openDoor(surroundings);
      pump = new RecordPump(this.#input.file ?? pieces(), { isVerified });
      const first = pump.next();
      if (first?.type !== "header") return 0;
      checkHeader(first.header, options);
      if (undo !== undefined && !options.transfer.dryRun) {
        saveUndo(this.#context, undo, pieces());
      }
      const records = { header: first.header, pump, table };
      return await this.#receive(fs, records, pause);
    } finally {
      pump?.close();
      kept?.close();
      await this.#lanes.close();
    }
  }

  async #verify(input: ChangesetInput, pause: Pause): Promise<PartTable | undefined> {
    const isAlone = this.#limits.lanesMax < 2 || !this.#lanes.canStart;
    const checked = async (): Promise<void> => {
      await pause();
      if (this.#failure !== undefined) throw this.#failure;
    };
    return verifyInput(input, isAlone ? undefined : this.#lanes, checked);
  }

  async #receive(fs: FileSystem, records: ChangesetRecords, pause: Pause): Promise<number> {
    const { surroundings } = this.#context;
    const { header } = records;
    const options = receivingOptions(this.#context.options, header.preserves);
    const path = options.target ?? ".";
    if (options.own.readBatch !== undefined) makeTarget(fs, path, options, surroundings);
    const target = { path, label: path.endsWith("/") ? path : `${path}/` };
    const warn = this.#outcome.warn.bind(this.#outcome);
    const filters = { rules: parseRunFilters(fs, options, surroundings, warn), warn };
    const lane = openStageLane({
      ...{ options, surroundings, filters, path, side: "target" },
      control: this.#memory.control,
      counters: this.#memory.counters,
      job: () => this.#openJob(fs, target, options),
    });
    const { job } = lane.settings;
    this.#memory.write("deletionsLeft", options.delete.max ?? 0);
    const before = timesOfRoot(fs, path);
    const applying = { lane, applier: new ChangesetApplier(lane, header, records.table) };
    try {
      await this.#apply(applying, records, pause);
    } finally {
      this.#takeEvents(lane);
      await this.#lanes.close();
      lane.close();
      this.#sweep(fs, target, job, options);
      this.#closeRoot(fs, target, options, applying.applier.rootClosing ?? before);
    }
    if (this.#failure !== undefined) throw this.#failure;
    this.#tellSkippedDeletions();
    return this.#outcome.exit;
  }

  /** The root's own times come after everything, staging included. */
  #closeRoot(
    fs: FileSystem,
    { path, label }: { readonly path: ByteString; readonly label: ByteString },
    options: Options,
    closing: ClosingDirectory,
  ): void {
    if (options.transfer.dryRun) return;
    const failed = closeRoot(fs, path, closing);
    if (failed !== undefined) {
      this.#outcome.problem(targetProblem(label, failed.operation, failed.errno));
    }
  }

  #tellSkippedDeletions(): void {
    const skipped = this.#memory.read("deletionsSkipped");
    if (skipped === 0) return;
    const message = `Deletions stopped due to --max-delete limit (${skipped} skipped)`;
    const about = { path: "", role: "target", operation: "max-delete", errno: 0 } as const;
    this.#outcome.problem({ ...about, exit: 25, message });
  }

  async #apply(applying: Applying, records: ChangesetRecords, pause: Pause): Promise<void> {
    const { table } = records;
    const { own, transfer } = applying.lane.settings.options;
    // A dry run looks at what it has not made, and what is overwritten may have to wait for others.
    const isApart = !transfer.dryRun && own.onConflict !== "overwrite";
    try {
      if (table === undefined || table.hasLinks || !isApart) {
        await this.#applyRecords(applying, records.pump, Number.POSITIVE_INFINITY, pause);
      } else await this.#applyParts(applying, { ...records, table }, pause);
    } catch (error) {
      applying.applier.abandon();
      if (!(error instanceof Cancelled)) throw error;
      // What stopped the run was told as a problem, or comes from outside.
    }
  }

  /** Applies stretch by stretch, as many at once as can be. */
  async #applyParts(
    applying: Applying,
    { header, table }: ChangesetRecords & { readonly table: PartTable },
    pause: Pause,
  ): Promise<void> {
    const { file } = this.#input;
    if (file === undefined) return;
    const { users, groups } = table;
    const ground = { file, header, users, groups };
    const parts = this.#lanes.conduct({
      ...{ table, lane: applying.lane, ground, limits: this.#limits },
      tell: (events) => this.#tell(events),
      isStopped: () => this.#memory.read("cancelled") !== 0,
    });
    for (let part = 0; part < table.count; ) {
      if (table.parent(part) !== inOrder) {
        part = await parts.run(part);
      } else {
        const [offset, end] = [table.offset(part), table.offset(++part)];
        const pump = new RecordPump(file, { start: { header, offset }, bytes: end - offset });
        await this.#applyRecords(applying, pump, end, pause);
      }
      applying.lane.checkCancelled();
    }
  }

  /** Applies records up to a byte of the sequence. */
  async #applyRecords(
    { lane, applier }: Applying,
    pump: RecordPump,
    end: number,
    pause: Pause,
  ): Promise<void> {
    let records = 0;
    while (pump.offset < end) {
      const record = pump.next();
      if (record === undefined) break;
      this.#note(record);
      applier.take(record);
      this.#takeEvents(lane);
      if (++records % recordsPerPause === 0) await pause();
    }
    applier.endDirectory();
    this.#takeEvents(lane);
  }

  #note(record: ChangesetRecord): void {
    if (record.type === "trailer") {
      this.#isOver = true;
      this.#outcome.passed(record.trailer.exit);
      if (!record.trailer.complete) this.#outcome.passed(23);
    }
  }

  #takeEvents(lane: LaneContext): void {
    this.#tell(lane.takeEvents());
  }

  #tell(events: readonly ProgressEvent[]): void {
    for (const event of events) {
      if (event.type === "problem") this.#outcome.passed(event.exit);
      this.#context.tell(event);
    }
  }

  #openJob(
    fs: FileSystem,
    target: { readonly path: ByteString; readonly label: ByteString },
    options: Options,
  ): ByteString | undefined {
    if (options.transfer.dryRun) return undefined;
    const job = openRunJob(fs, { target, tempDir: options.transfer.tempDir }, keptPrefix);
    if (job.unswept !== undefined) this.#context.tell(job.unswept);
    // What an earlier run left goes with this one, even if nothing is staged any more.
    if (job.stateExists) this.#memory.write("staged", 1);
    return job.name;
  }

  #sweep(
    fs: FileSystem,
    target: { readonly path: ByteString; readonly label: ByteString },
    job: ByteString | undefined,
    options: Options,
  ): void {
    const isUsed = this.#memory.read("staged") !== 0;
    if (!isUsed || job === undefined) return;
    const places = { target, tempDir: options.transfer.tempDir };
    // A run that did not come to its end leaves old content that only the next one will need.
    if (!this.#isOver && keepsContent(fs, places, job, keptPrefix)) return;
    const { operation, errno } = closeRunJob(fs, places, job) ?? { operation: "", errno: 0 };
    if (errno === 0) return;
    this.#outcome.problem(targetProblem(target.label + stateDirectory, operation, errno));
  }
}
