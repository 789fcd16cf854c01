// The changeset that undoes another. What was and what shall be change places, one record at a time;
// what a record becomes part of another section (an ADD a DEL in the closing section) waits as an
// entry of an index, not in memory. The inverse has no data: `send` adds it from the old tree.

import type { ByteString } from "../base/index.ts";
import type { ByteStore } from "./byte-store.ts";
import { CborCursor } from "./cbor/cursor.ts";
import { decodeProblem } from "./content-codec.ts";
import { addInverse, sortOrders } from "./inverse-rows.ts";
import type { Section } from "./order-codec.ts";
import { OrderedDirectory } from "./ordered-directory.ts";
import { decodeOrderBody } from "./orders-codec.ts";
import { compareClosings, compareDirectories } from "./paths.ts";
import type { ChangesetRecord, Header, Trailer } from "./record.ts";
import { addIdNames } from "./row-copy.ts";
import { type ByteSink, ChangesetWriter } from "./writer.ts";

interface Part {
  readonly path: ByteString;
  readonly section: Section;
  readonly position: number;
  readonly length: number;
}

/** Reads a changeset and writes its inverse. Returns the trailer that it wrote. */
export function invertChangeset(
  records: Iterable<ChangesetRecord>,
  store: ByteStore,
  headerOf: (header: Header) => Header,
  sink: ByteSink,
): Trailer {
  const parts: Part[] = [];
  const problems: { position: number; length: number }[] = [];
  const ids = new IdNamesSeen();
  let header: Header | undefined;
  let trailer: Trailer | undefined;
  for (const record of records) {
    const { place } = record;
    if (record.type === "header") header = record.header;
    else if (record.type === "trailer") trailer = record.trailer;
    else if (record.type === "problem") {
      problems.push({ position: store.append(place.body), length: place.body.length });
    } else if (record.type === "directory" || record.type === "late" || record.type === "closing") {
      const { path } = record.orders;
      ids.see(record.orders);
      const { length } = place.body;
      parts.push({ path, section: record.type, position: store.append(place.body), length });
    }
  }
  const inverse: Header = { ...headerOf(header as Header), hasData: false };
  const writer = new ChangesetWriter(inverse, sink);
  const inversion = new Inversion(store, writer, ids);
  parts.sort((a, b) => compareDirectories(a.path, b.path));
  inversion.write("directory", parts);
  for (const { position, length } of problems) inversion.passProblem(position, length);
  parts.sort((a, b) => compareClosings(a.path, b.path));
  inversion.write("closing", parts);
  const { complete, exit } = trailer as Trailer;
  return writer.finish({ complete, exit });
}

/** All names of ids: they go with the first record of the inverse, whose order is another one. */
class IdNamesSeen {
  readonly users = new Map<number, ByteString>();
  readonly groups = new Map<number, ByteString>();

  see(orders: OrderedDirectory): void {
    addIdNames(orders.users, this.users);
    addIdNames(orders.groups, this.groups);
  }

  giveTo(orders: OrderedDirectory): void {
    addIdNames(this.users, orders.users);
    addIdNames(this.groups, orders.groups);
    this.users.clear();
    this.groups.clear();
  }
}

class Inversion {
  readonly #ids: IdNamesSeen;
  readonly #store: ByteStore;
  readonly #writer: ChangesetWriter;
  readonly #cursor = new CborCursor();
  readonly #part = new OrderedDirectory();
  readonly #found = new OrderedDirectory();
  readonly #sorted = new OrderedDirectory();

  constructor(store: ByteStore, writer: ChangesetWriter, ids: IdNamesSeen) {
    this.#ids = ids;
    this.#store = store;
    this.#writer = writer;
  }

  passProblem(position: number, length: number): void {
    this.#open(position, length);
    this.#writer.problem(decodeProblem(this.#cursor));
  }

  /** Writes the orders of one section of the inverse. All parts of a directory stand together. */
  write(section: "directory" | "closing", parts: readonly Part[]): void {
    for (let at = 0; at < parts.length; ) {
      const { path } = parts[at] as Part;
      this.#found.reset(path);
      while (parts[at]?.path === path) {
        const part = parts[at++] as Part;
        this.#open(part.position, part.length);
        decodeOrderBody(this.#cursor, part.section, this.#part, () => undefined);
        addInverse(this.#part, part.section, section, this.#found);
      }
      if (this.#found.count > 0) this.#flush(section);
    }
  }

  #flush(section: Section): void {
    const sorted = this.#sorted;
    sortOrders(this.#found, sorted);
    this.#ids.giveTo(sorted);
    for (let from = 0; from < sorted.count; ) from = this.#writer.orders(section, sorted, from);
  }

  #open(position: number, length: number): void {
    const body = this.#store.read(position, length);
    this.#cursor.open(body, 0, body.length, position);
  }
}
