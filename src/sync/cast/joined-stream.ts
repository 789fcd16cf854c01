// What a target is to apply, where its stream has content for several that differ: its own orders, and with each the
// content that the stream has. Both stand in listing order, so that each is read once.

import { type ByteString, joinPath } from "../../base/index.ts";
import {
  type ChangesetRecord,
  ChangesetWriter,
  compareDirectories,
  type DataRecord,
  type Header,
  type OrderedDirectory,
  type ProblemRecord,
  takesContent,
} from "../../changeset/index.ts";
import type { ChangesetInput } from "../verbs/changeset-input.ts";
import { RecordPump } from "../verbs/record-pump.ts";
import { outputBytesAim } from "../verbs/stage-output.ts";

type Pieces = () => Iterable<Uint8Array>;

/** Returns the changeset that orders of a target's own and the content of a stream are together; both must be repeatable. */
export function joinedInput(own: Pieces, stream: Pieces): ChangesetInput {
  let isVerified = false;
  return {
    isRepeatable: true,
    *pieces() {
      const [orders, contents] = [own, stream].map(
        (pieces) => new RecordPump(pieces(), { isVerified }),
      ) as [RecordPump, RecordPump];
      try {
        yield* new Joining(orders, new StreamContents(contents)).pieces();
        isVerified = true;
      } finally {
        for (const pump of [orders, contents]) pump.close();
      }
    },
  };
}

class Joining {
  readonly #own: RecordPump;
  readonly #contents: StreamContents;
  #pieces: Uint8Array[] = [];
  #writer: ChangesetWriter | undefined;
  /** The orders whose content is under way, and the first row that has none yet. */
  #orders: OrderedDirectory | undefined;
  #next = 0;

  constructor(own: RecordPump, contents: StreamContents) {
    this.#own = own;
    this.#contents = contents;
  }

  /** Gives the bytes; a piece is the reader's. */
  *pieces(): Generator<Uint8Array> {
    for (let record = this.#own.next(); record !== undefined; record = this.#own.next()) {
      yield* this.#take(record);
      yield* this.#written();
    }
  }

  *#take(record: ChangesetRecord): Generator<Uint8Array> {
    if (record.type === "header") {
      this.#writer = this.#open(record.header);
      return;
    }
    const writer = this.#writer as ChangesetWriter;
    if (record.type === "data") {
      yield* this.#fillUpTo(record.index);
      writer.data(record);
      this.#next = record.index + (record.digest === undefined ? 0 : 1);
      return;
    }
    if (record.type === "problem") {
      writer.problem(record);
      return;
    }
    yield* this.#fillUpTo(Number.POSITIVE_INFINITY);
    if (record.type === "trailer") {
      this.#contents.finish();
      writer.finish({ complete: record.trailer.complete, exit: record.trailer.exit });
    } else if (record.type !== "signature" && record.type !== "listing") {
      writer.passOrders(record.type, record.orders, record.place.body);
      this.#orders = record.type === "closing" ? undefined : record.orders;
      this.#next = 0;
    }
  }

  #open(header: Header): ChangesetWriter {
    const take = (piece: Uint8Array): void => void this.#pieces.push(piece.slice());
    return new ChangesetWriter({ ...header, compression: "none" }, take, outputBytesAim);
  }

  /** Takes from the stream what orders before this one have no content of their own for. */
  *#fillUpTo(end: number): Generator<Uint8Array> {
    const orders = this.#orders;
    if (orders === undefined) return;
    const to = Math.min(end, orders.count);
    for (; this.#next < to; this.#next++) {
      if (!takesContent(orders, this.#next)) continue;
      let isThere = false;
      for (const { tokens, digest } of this.#contents.of(orders, this.#next)) {
        this.#writer?.data({ index: this.#next, tokens, digest });
        isThere = digest instanceof Uint8Array;
        yield* this.#written();
      }
      if (!isThere) this.#writer?.problem(missing(orders, orders.name(this.#next)));
    }
  }

  *#written(): Generator<Uint8Array> {
    for (const piece of this.#pieces) yield piece;
    this.#pieces = [];
  }
}

function missing({ path }: OrderedDirectory, name: ByteString): Omit<ProblemRecord, "type"> {
  const about = { role: "source", operation: "read", errno: 0, exit: 24 } as const;
  const message = "it could not be read, or changed while it was cast";
  return { path: joinPath(path, name), ...about, message };
}

/** The contents of a stream, asked for in listing order. */
class StreamContents {
  readonly #pump: RecordPump;
  /** What was read last and not used; undefined = the stream is at its end. */
  #record: ChangesetRecord | undefined;
  #orders: OrderedDirectory | undefined;

  constructor(pump: RecordPump) {
    this.#pump = pump;
    this.#record = pump.next();
  }

  /** Gives the content of a row of a target's orders; nothing, if the stream has not that content. */
  *of(wanted: OrderedDirectory, row: number): Generator<DataRecord> {
    for (; ; this.#record = this.#pump.next()) {
      const record = this.#record;
      const order = this.#compare(wanted, row);
      if (record === undefined || order > 0) return;
      if (order < 0 || record.type !== "data" || this.#orders === undefined) continue;
      if (isSame(wanted, row, this.#orders, record.index)) yield record;
      if (record.digest === undefined) continue;
      this.#record = this.#pump.next();
      return;
    }
  }

  /** Says where the record that was read last stands: before the row, after it, or at it (0). */
  #compare(wanted: OrderedDirectory, row: number): number {
    const record = this.#record;
    if (record?.type === "directory") this.#orders = record.orders;
    const orders = this.#orders;
    if (record?.type === "closing" || record?.type === "trailer") return 1;
    if (orders === undefined || (record?.type !== "data" && record?.type !== "directory"))
      return -1;
    const order = compareDirectories(orders.path, wanted.path);
    if (order !== 0) return order;
    if (record.type !== "data") return -1;
    const [at, name] = [orders.name(record.index), wanted.name(row)];
    return at === name ? 0 : at < name ? -1 : 1;
  }

  /** Reads what is left: its end says whether all of it was right. */
  finish(): void {
    while (this.#record !== undefined) this.#record = this.#pump.next();
  }
}

/** Says whether two orders make the same file, as far as sizes and times tell. */
function isSame(one: OrderedDirectory, i: number, other: OrderedDirectory, j: number): boolean {
  const [a, b] = [one.after.columns, other.after.columns];
  return (
    a.size[i] === b.size[j] && a.mtime[i] === b.mtime[j] && a.mtimeNanos[i] === b.mtimeNanos[j]
  );
}
