// `manifold send SRC < cset > csetdata`: the same changeset with data. Records pass as they are,
// signatures excepted, which become data; one directory and the signature of one file are held.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import {
  type ChangesetRecord,
  ChangesetWriter,
  type Header,
  type SignatureRecord,
  type Totals,
  takesContent,
} from "../../changeset/index.ts";
import { parseRunFilters } from "../lane/run-filters.ts";
import { openDoor } from "../plan/open-door.ts";
import { GatheredSignature } from "./gathered-signature.ts";
import { RecordPump } from "./record-pump.ts";
import { SentFiles } from "./sent-files.ts";
import { openStageLane } from "./stage-lane.ts";
import { outputBytesAim, type StageContext, StageOutcome } from "./stage-output.ts";
import { doSteps, type Steps } from "./steps.ts";

/** Reads a changeset from standard input, writes it with data, and returns the exit status. Throws ManifoldError. */
export function sendContent(context: StageContext): number {
  const outcome = new StageOutcome(context.tell);
  const path = context.options.sources[0] ?? ".";
  doSteps(sendRecords(context, outcome, path, context.standardInput()));
  return outcome.exit;
}

/** Reads a changeset from `pieces` and writes it with data from the tree `path`, in steps. Throws ManifoldError. */
export function* sendRecords(
  context: StageContext,
  outcome: StageOutcome,
  path: ByteString,
  pieces: Iterable<Uint8Array>,
): Steps {
  const { options, surroundings } = context;
  const fs = openDoor(surroundings);
  const warn = outcome.warn.bind(outcome);
  const filters = { rules: parseRunFilters(fs, options, surroundings, warn), warn };
  const lane = openStageLane({ options, surroundings, filters, path, side: "source" });
  const pump = new RecordPump(pieces);
  try {
    const sender = new Sender(context, outcome, lane, pump);
    for (let record = pump.next(); record !== undefined; record = pump.next()) {
      yield* sender.take(record);
    }
    context.finished?.(sender.totals);
  } finally {
    pump.close();
    lane.close();
  }
}

class Sender {
  readonly #outcome: StageOutcome;
  readonly #writer: ChangesetWriter;
  readonly #files: SentFiles;
  readonly #signature = new GatheredSignature();
  /** The orders whose content is under way, and the first row that has none yet. */
  #orders: (ChangesetRecord & { type: "directory" | "late" })["orders"] | undefined;
  #next = 0;

  constructor(
    context: StageContext,
    outcome: StageOutcome,
    lane: ConstructorParameters<typeof SentFiles>[0],
    pump: RecordPump,
  ) {
    const first = pump.next();
    const header = first?.type === "header" ? first.header : undefined;
    this.#outcome = outcome;
    this.#writer = new ChangesetWriter(sentHeader(context, header), context.sink, outputBytesAim);
    this.#files = new SentFiles(lane, this.#writer, (problem) => {
      outcome.problem(problem);
      this.#writer.problem(problem);
    });
  }

  /** What has been written so far. */
  get totals(): Readonly<Totals> {
    return this.#writer.totals;
  }

  *take(record: ChangesetRecord): Steps {
    if (record.type === "signature") {
      yield* this.#takeSignature(record);
      return;
    }
    if (record.type === "problem") {
      this.#writer.problem(record);
      return;
    }
    yield* this.#sendUpTo(Number.POSITIVE_INFINITY);
    if (record.type === "directory" || record.type === "late") {
      this.#writer.passOrders(record.type, record.orders, record.place.body);
      this.#orders = record.orders;
      this.#next = 0;
    } else if (record.type === "closing") {
      this.#writer.passOrders(record.type, record.orders, record.place.body);
    } else if (record.type === "trailer") {
      this.#files.close();
      const { complete, exit } = record.trailer;
      this.#outcome.passed(exit);
      this.#writer.finish({ complete, exit: this.#outcome.exit });
    }
  }

  *#takeSignature(record: SignatureRecord): Steps {
    if (record.firstBlock === 0) yield* this.#sendUpTo(record.index);
    this.#signature.add(record);
    if (this.#signature.isWhole) yield* this.#sendUpTo(record.index + 1);
  }

  /** Sends the content of rows before `end` that has not been sent yet. */
  *#sendUpTo(end: number): Steps {
    const orders = this.#orders;
    if (orders === undefined) return;
    const to = Math.min(end, orders.count);
    for (; this.#next < to; this.#next++) {
      if (!takesContent(orders, this.#next)) continue;
      yield* this.#files.send(orders, this.#next, this.#signature.take(this.#next));
    }
    if (this.#next >= orders.count) this.#orders = undefined;
  }
}

function sentHeader({ options, program }: StageContext, header: Header | undefined): Header {
  if (header?.kind !== "changeset") {
    throw new ManifoldError("file-select", "Cannot send: standard input is a listing");
  }
  if (header.hasData) {
    throw new ManifoldError("file-select", "Cannot send: the changeset has data already");
  }
  const { compress } = options.transfer;
  return { ...header, hasData: true, compression: compress.on ? "deflate" : "none", program };
}
