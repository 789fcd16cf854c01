// Changesets and listings as literals, for the tests of this room: rows of plain values, what they
// become as bytes, and what was read as plain values again.

import {
  ChangesetReader,
  type ChangesetRecord,
  ChangesetWriter,
  type DataRecord,
  type Header,
  ListedDirectory,
  OrderedDirectory,
  type ProblemRecord,
  type Section,
  type SignatureRecord,
  type States,
  type Trailer,
} from "../../src/changeset/index.ts";
import type { Xattr } from "../../src/tree/index.ts";

/** Numbers of a state, by column. */
export const numberNames = [
  "mode",
  "size",
  "mtime",
  "mtimeNanos",
  "uid",
  "gid",
  "rdevMajor",
  "rdevMinor",
  "atime",
  "atimeNanos",
  "crtime",
  "crtimeNanos",
] as const;

/** One entry as a plain value; what is left out is 0 or absent. */
export type StateValue = Partial<Record<(typeof numberNames)[number], number>> & {
  readonly mode: number;
  readonly linkTarget?: string;
  readonly xattrs?: readonly Xattr[];
  readonly digest?: Uint8Array;
  readonly link?: string;
};

/** One order as a plain value. */
export interface OrderValue {
  readonly kind: number;
  readonly name: string;
  readonly before?: StateValue | undefined;
  readonly after?: StateValue | undefined;
  readonly basis?: {
    readonly path: string;
    readonly size: number;
    readonly digest?: Uint8Array | undefined;
  };
  readonly continues?: string;
}

/** A record as a plain value, without what a reader adds. */
export type RecordValue =
  | {
      readonly type: Section;
      readonly path: string;
      readonly orders: readonly OrderValue[];
      readonly complete?: boolean;
      readonly users?: ReadonlyMap<number, string>;
      readonly groups?: ReadonlyMap<number, string>;
    }
  | {
      readonly type: "listing";
      readonly path: string;
      readonly entries: readonly (StateValue & { readonly name: string })[];
      readonly complete?: boolean;
      readonly users?: ReadonlyMap<number, string>;
      readonly groups?: ReadonlyMap<number, string>;
    }
  | SignatureRecord
  | DataRecord
  | ProblemRecord;

/** Everything of a file but its header. */
export interface SequenceValue {
  readonly header: Header;
  readonly records: readonly RecordValue[];
  readonly end?: Omit<Trailer, "totals">;
}

/** A header with nothing special in it. */
export function headerOf(fields: Partial<Header> = {}): Header {
  return {
    kind: "changeset",
    digest: "sha256",
    compression: "none",
    hasData: false,
    preserves: [],
    options: new Map(),
    filters: [],
    program: "",
    ...fields,
  };
}

/** Writes the value and returns its bytes. */
export function bytesOf(value: SequenceValue): Uint8Array {
  const pieces: Uint8Array[] = [];
  const writer = new ChangesetWriter(value.header, (bytes) => pieces.push(bytes.slice()));
  for (const record of value.records) writeRecord(writer, record);
  writer.finish(value.end ?? { complete: true, exit: 0 });
  return Buffer.concat(pieces);
}

function writeRecord(writer: ChangesetWriter, record: RecordValue): void {
  if (record.type === "signature") writer.signature(record);
  else if (record.type === "data") writer.data(record);
  else if (record.type === "problem") writer.problem(record);
  else if (record.type === "listing") {
    const listing = new ListedDirectory();
    listing.reset(record.path, record.complete ?? true);
    for (const { name, ...state } of record.entries) {
      setState(listing.states, listing.columns.add(name, state.mode), state);
    }
    for (const [id, name] of record.users ?? []) listing.users.set(id, name);
    for (const [id, name] of record.groups ?? []) listing.groups.set(id, name);
    writer.listing(listing);
  } else {
    const orders = ordersOf(record);
    let from = 0;
    do from = writer.orders(record.type, orders, from);
    while (from < orders.count);
  }
}

/** Returns the directory as the writer takes it. */
export function ordersOf(record: RecordValue & { readonly type: Section }): OrderedDirectory {
  const orders = new OrderedDirectory();
  orders.reset(record.path, record.complete ?? true);
  for (const value of record.orders) {
    const name = Buffer.from(value.name, "latin1");
    const row = orders.addRow(value.kind, name, 0, name.length);
    setState(orders.before, row, value.before ?? { mode: 0 });
    setState(orders.after, row, value.after ?? { mode: 0 });
    if (value.basis !== undefined) {
      orders.bases.set(row, { ...value.basis, digest: value.basis.digest });
    }
    if (value.continues !== undefined) orders.continues.set(row, value.continues);
  }
  for (const [id, name] of record.users ?? []) orders.users.set(id, name);
  for (const [id, name] of record.groups ?? []) orders.groups.set(id, name);
  return orders;
}

function setState(states: States, row: number, value: StateValue): void {
  const { columns } = states;
  for (const name of numberNames) columns[name][row] = value[name] ?? 0;
  if (value.linkTarget !== undefined) columns.setLinkTarget(row, value.linkTarget);
  if (value.xattrs !== undefined) columns.setXattrs(row, value.xattrs);
  if (value.digest !== undefined) states.digests.set(row, value.digest);
  if (value.link !== undefined) states.links.set(row, value.link);
}

/** Returns a row of states as a plain value without zeros, undefined where it says nothing. */
export function stateOf(states: States, row: number): StateValue | undefined {
  const { columns, digests, links } = states;
  if (columns.mode[row] === 0) return undefined;
  const value: Record<string, unknown> = {};
  for (const name of numberNames) {
    const number = columns[name][row] as number;
    if (number !== 0) value[name] = number;
  }
  if (columns.linkTargets.has(row)) value.linkTarget = columns.linkTargets.get(row);
  if (columns.xattrs.has(row)) value.xattrs = columns.xattrs.get(row);
  if (digests.has(row)) value.digest = digests.get(row);
  if (links.has(row)) value.link = links.get(row);
  return value as StateValue;
}

/** Reads bytes in pieces of a length and returns their records as plain values; the first is the header. */
export function valuesOf(bytes: Uint8Array, pieceBytes = bytes.length): unknown[] {
  const values: unknown[] = [];
  const reader = new ChangesetReader();
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.push(bytes.subarray(at, at + pieceBytes));
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      values.push(plainValueOf(record));
    }
  }
  reader.finish();
  return values;
}

/** Returns a record as a plain value of its own. */
export function plainValueOf(record: ChangesetRecord): unknown {
  if (record.type === "header") return record.header;
  if (record.type === "trailer") return record.trailer;
  if (record.type === "listing") {
    const { path, columns, states, users, groups } = record.listing;
    const entries = Array.from({ length: columns.count }, (_, i) => ({
      name: columns.name(i),
      ...stateOf(states, i),
    }));
    return { type: "listing", path, entries, ...common(columns.complete, users, groups) };
  }
  if (record.type === "directory" || record.type === "late" || record.type === "closing") {
    const { orders } = record;
    const rows = Array.from({ length: orders.count }, (_, i) => orderOf(orders, i));
    const { path, complete, users, groups } = orders;
    return { type: record.type, path, orders: rows, ...common(complete, users, groups) };
  }
  const { place: _, ...rest } = record;
  return structuredClone(rest);
}

function orderOf(orders: OrderedDirectory, i: number): OrderValue {
  const before = stateOf(orders.before, i);
  const after = stateOf(orders.after, i);
  const basis = orders.bases.get(i);
  const continues = orders.continues.get(i);
  return {
    kind: orders.kind[i] as number,
    name: orders.name(i),
    ...(before && { before }),
    ...(after && { after }),
    ...(basis && {
      basis: {
        path: basis.path,
        size: basis.size,
        ...(basis.digest && { digest: basis.digest }),
      },
    }),
    ...(continues && { continues }),
  };
}

function common(
  complete: boolean,
  users: ReadonlyMap<number, string>,
  groups: ReadonlyMap<number, string>,
): object {
  return {
    ...(complete ? {} : { complete }),
    ...(users.size > 0 && { users: new Map(users) }),
    ...(groups.size > 0 && { groups: new Map(groups) }),
  };
}
