// `manifold receive DEST < csetdata`: applies a changeset. A file is verified as a whole before the
// first write; from a pipe each directory is applied as soon as its own digest is right.

import type { ByteString, ManifoldError } from "../../base/index.ts";
import { type ChangesetRecord, type Header, verifyChangeset } from "../../changeset/index.ts";
import { type FileSystem, openFileSystem, Stat } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import { type Counters, counterNames, stateDirectory, sumCounters } from "../../tree/index.ts";
import { closeRoot } from "../apply/close-directories.ts";
import { Cancelled, type LaneContext } from "../lane/lane-context.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { control, controlSlots } from "../plan/lane-settings.ts";
import { closeRunJob, openRunJob } from "../state/run-job.ts";
import type { ClosingDirectory } from "../tasks/tasks.ts";
import { makeTarget } from "./batch-target.ts";
import { ChangesetApplier } from "./changeset-applier.ts";
import { RecordPump } from "./listing-stream.ts";
import { checkHeader, receivingOptions } from "./receiving-options.ts";
import { ScratchStore } from "./scratch-store.ts";
import { openStageLane } from "./stage-lane.ts";
import { type StageContext, StageOutcome } from "./stage-output.ts";
import { keepPieces, writeUndo } from "./write-undo.ts";

/** Where a changeset comes from. */
export interface ChangesetInput {
  /** The bytes, once. */
  readonly pieces: () => Iterable<Uint8Array>;
  /** They can be had again, so that all of them are verified first. */
  readonly isRepeatable: boolean;
}

/** A changeset on its way into a target: what can be asked of it and done to it meanwhile. */
export class ReceiveRun {
  readonly #context: StageContext;
  readonly #input: ChangesetInput;
  readonly #control = new SharedArrayBuffer(controlSlots * 4);
  readonly #counters = new SharedArrayBuffer(counterNames.length * 8);
  readonly #outcome: StageOutcome;
  #failure: ManifoldError | undefined;

  constructor(context: StageContext, input: ChangesetInput) {
    this.#context = context;
    this.#input = input;
    this.#outcome = new StageOutcome(context.tell);
  }

  /** Counters as of now. */
  get counters(): Counters {
    return sumCounters([new Float64Array(this.#counters)]);
  }

  /** Stops at the next entry; run() then throws the error. */
  cancel(error: ManifoldError): void {
    this.#failure ??= error;
    Atomics.store(new Int32Array(this.#control), control.cancelled, 1);
  }

  /** Applies everything and returns the exit status. `pause` lets signals through now and then. Throws ManifoldError. */
  async run(pause: () => Promise<void>): Promise<number> {
    const { surroundings, options } = this.#context;
    const { undo } = options.own;
    const kept = undo === undefined || this.#input.isRepeatable ? undefined : new ScratchStore();
    const pieces = kept === undefined ? this.#input.pieces : keepPieces(this.#input.pieces(), kept);
    const isVerified = kept !== undefined || this.#input.isRepeatable;
    if (isVerified) verifyChangeset(pieces());
    const fs = surroundings.fileSystem ?? openFileSystem();
    const pump = new RecordPump(pieces(), isVerified);
    try {
      const first = pump.next();
      if (first?.type !== "header") return 0;
      checkHeader(first.header, options);
      if (undo !== undefined && !options.transfer.dryRun) {
        writeUndo(this.#context, undo, pieces());
      }
      return await this.#receive(fs, first.header, pump, pause);
    } finally {
      pump.close();
      kept?.close();
    }
  }

  async #receive(
    fs: FileSystem,
    header: Header,
    pump: RecordPump,
    pause: () => Promise<void>,
  ): Promise<number> {
    const { surroundings } = this.#context;
    const options = receivingOptions(this.#context.options, header.preserves);
    const path = options.target ?? ".";
    if (options.own.readBatch !== undefined) makeTarget(fs, path, options, surroundings);
    const target = { path, label: path.endsWith("/") ? path : `${path}/` };
    const warn = this.#outcome.warn.bind(this.#outcome);
    const filters = { rules: parseRunFilters(fs, options, surroundings, warn), warn };
    const lane = openStageLane({
      ...{ options, surroundings, filters, path, side: "target" },
      control: this.#control,
      counters: this.#counters,
      job: () => this.#openJob(fs, target, options),
    });
    const { job } = lane.settings;
    new Int32Array(this.#control)[control.deletionsLeft] = options.delete.max ?? 0;
    const before = timesOf(fs, path);
    const applier = new ChangesetApplier(lane, header);
    try {
      await this.#apply(lane, applier, pump, pause);
    } finally {
      this.#takeEvents(lane);
      lane.close();
      this.#sweep(fs, target, job, options);
      this.#closeRoot(fs, target, options, applier.rootClosing ?? before);
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
    const skipped = new Int32Array(this.#control)[control.deletionsSkipped] as number;
    if (skipped === 0) return;
    const message = `Deletions stopped due to --max-delete limit (${skipped} skipped)`;
    const about = { path: "", role: "target", operation: "max-delete", errno: 0 } as const;
    this.#outcome.problem({ ...about, exit: 25, message });
  }

  async #apply(
    lane: LaneContext,
    applier: ChangesetApplier,
    pump: RecordPump,
    pause: () => Promise<void>,
  ): Promise<void> {
    try {
      for (let record = pump.next(); record !== undefined; record = pump.next()) {
        this.#note(record);
        applier.take(record);
        this.#takeEvents(lane);
        await pause();
      }
    } catch (error) {
      applier.abandon();
      if (!(error instanceof Cancelled)) throw error;
      // What stopped the run was told as a problem, or comes from outside.
    }
  }

  #note(record: ChangesetRecord): void {
    if (record.type === "trailer") {
      this.#outcome.passed(record.trailer.exit);
      if (!record.trailer.complete) this.#outcome.passed(23);
    }
  }

  #takeEvents(lane: LaneContext): void {
    for (const event of lane.takeEvents()) {
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
    const job = openRunJob(fs, { target, tempDir: options.transfer.tempDir });
    if (job.unswept !== undefined) this.#context.tell(job.unswept);
    // What an earlier run left goes with this one, even if nothing is staged any more.
    if (job.stateExists) Atomics.store(new Int32Array(this.#control), control.staged, 1);
    return job.name;
  }

  #sweep(
    fs: FileSystem,
    target: { readonly path: ByteString; readonly label: ByteString },
    job: ByteString | undefined,
    options: Options,
  ): void {
    const isUsed = new Int32Array(this.#control)[control.staged] !== 0;
    if (!isUsed || job === undefined) return;
    const failed = closeRunJob(fs, { target, tempDir: options.transfer.tempDir }, job);
    if (failed === undefined) return;
    const { operation, errno } = failed;
    this.#outcome.problem(targetProblem(target.label + stateDirectory, operation, errno));
  }
}

function targetProblem(path: ByteString, operation: string, errno: number) {
  return { path, role: "target", operation, errno, exit: 23, message: undefined } as const;
}

/** The root's own time, to be set again when staging has come and gone. */
function timesOf(fs: FileSystem, path: ByteString): ClosingDirectory {
  const stat = new Stat();
  const root = fs.openRoot(path);
  try {
    fs.statDirectory(root, stat);
  } finally {
    fs.closeDirectory(root);
  }
  const { mtime, mtimeNanos } = stat;
  return { path: "", mode: 0, setMode: false, setTimes: true, mtime, mtimeNanos };
}
