// Writes a changeset or listing, record by record, into a sink.

import { assert } from "../base/index.ts";
import { createDigest, type Digest } from "../hash/index.ts";
import { CborWriter } from "./cbor/writer.ts";
import { compressPiece } from "./compress.ts";
import { encodeData, encodeProblem, encodeSignature } from "./content-codec.ts";
import { encodeHeader } from "./header-codec.ts";
import { limits, recordBytesAim } from "./limits.ts";
import type { ListedDirectory } from "./listed-directory.ts";
import { encodeListing } from "./listing-codec.ts";
import type { Section } from "./order-codec.ts";
import type { OrderedDirectory } from "./ordered-directory.ts";
import { encodeOrders } from "./orders-codec.ts";
import {
  type DataRecord,
  formatVersion,
  type Header,
  type ProblemRecord,
  recordKind,
  type SignatureRecord,
  type Totals,
  type Trailer,
} from "./record.ts";
import { Sequence } from "./sequence.ts";
import { magic } from "./splitter.ts";
import { encodeTrailer } from "./trailer-codec.ts";

/** Takes bytes, which may change after the call. */
export type ByteSink = (bytes: Uint8Array) => void;

/** A sink that passes everything on to each of several: a capture beside a transfer. */
export function teeSink(...sinks: readonly ByteSink[]): ByteSink {
  return (bytes) => {
    for (const sink of sinks) sink(bytes);
  };
}

/** What a record of a listing costs at least for an entry; for an estimate of where to cut. */
const listedEntryBytes = 48;

/**
 * Writes records in the order of the format. Breaking that order throws changeset-invalid, as reading it would: what a
 * writer finished, a reader reads.
 */
export class ChangesetWriter {
  readonly header: Header;
  readonly #sink: ByteSink;
  readonly #sequence: Sequence;
  readonly #digest: Digest;
  readonly #body = new CborWriter();
  readonly #record = new CborWriter();
  /** What waits for its frame, where there is compression, and the frame. */
  readonly #piece = new CborWriter();
  readonly #frame = new CborWriter();
  #offset = 0;

  /** Writes the header. */
  constructor(header: Header, sink: ByteSink) {
    this.header = header;
    this.#sink = sink;
    this.#sequence = new Sequence(header);
    this.#digest = createDigest(header.digest);
    encodeHeader(this.#body, header);
    this.#record.raw(magic);
    this.#record.int(formatVersion);
    this.#record.bytes(this.#body.written);
    this.#digest.update(this.#record.written);
    this.#offset = this.#record.length;
    sink(this.#record.written);
  }

  /** What has been written so far, added up. */
  get totals(): Readonly<Totals> {
    return this.#sequence.totals;
  }

  /**
   * Writes orders from `from` on, as many as fit into one record, and returns the first that did not. The content of
   * those that did must follow, with indices that begin there.
   */
  orders(section: Section, orders: OrderedDirectory, from = 0): number {
    this.#body.clear();
    const to = encodeOrders(this.#body, orders, from);
    this.#sequence.orders(section, orders, { from, to }, this.#offset);
    this.#writeDigested(recordKind[section]);
    return to;
  }

  /**
   * Writes the body of a record of orders as it was read, so that indices into it stay what they are; the digest is
   * this writer's own.
   */
  passOrders(section: Section, orders: OrderedDirectory, body: Uint8Array): void {
    this.#sequence.orders(section, orders, { from: 0, to: orders.count }, this.#offset);
    this.#body.clear();
    this.#body.raw(body);
    this.#writeDigested(recordKind[section]);
  }

  /** Writes one directory of a listing, in as many records as it needs. */
  listing(listing: ListedDirectory): void {
    const { count } = listing.columns;
    let from = 0;
    do {
      const to = listingEnd(listing, from);
      this.#body.clear();
      encodeListing(this.#body, listing, from, to);
      this.#sequence.listing(listing, { from, to }, this.#offset);
      this.#writeDigested(recordKind.listing);
      from = to;
    } while (from < count);
  }

  /** Writes a signature, or a run of its blocks. */
  signature(record: Omit<SignatureRecord, "type">): void {
    this.#sequence.signature({ type: "signature", ...record }, this.#offset);
    this.#body.clear();
    encodeSignature(this.#body, record);
    this.#write(recordKind.signature, undefined);
  }

  /** Writes a piece of content. */
  data(record: Omit<DataRecord, "type">): void {
    assert(
      record.tokens.length <= limits.tokens,
      "A data record has no more tokens than the limit.",
    );
    this.#sequence.data({ type: "data", ...record }, this.#offset);
    this.#body.clear();
    encodeData(this.#body, record);
    this.#write(recordKind.data, undefined);
  }

  /** Writes a problem. */
  problem(record: Omit<ProblemRecord, "type">): void {
    this.#sequence.problem();
    this.#body.clear();
    encodeProblem(this.#body, record);
    this.#write(recordKind.problem, undefined);
  }

  /** Writes the trailer, with the totals of what was written, and returns it. */
  finish(end: Omit<Trailer, "totals">): Trailer {
    const trailer = { ...end, totals: { ...this.totals } };
    this.#sequence.trailer(trailer, this.#offset);
    this.#body.clear();
    encodeTrailer(this.#body, trailer);
    const record = this.#record;
    record.clear();
    record.array(3);
    record.int(recordKind.trailer);
    record.bytes(this.#body.written);
    this.#digest.update(record.written);
    record.bytes(this.#digest.digest());
    this.#emit(record.written);
    this.flush();
    return trailer;
  }

  #writeDigested(kind: number): void {
    const digest = createDigest(this.header.digest);
    digest.update(this.#body.written);
    this.#write(kind, digest.digest());
  }

  #write(kind: number, digest: Uint8Array | undefined): void {
    const record = this.#record;
    record.clear();
    record.array(digest === undefined ? 2 : 3);
    record.int(kind);
    record.bytes(this.#body.written);
    if (digest !== undefined) record.bytes(digest);
    this.#digest.update(record.written);
    this.#emit(record.written);
  }

  #emit(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    if (this.header.compression === "none") {
      this.#sink(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; ) {
      const room = limits.frameBytes - this.#piece.length;
      const end = Math.min(bytes.length, at + room);
      this.#piece.raw(bytes, at, end);
      at = end;
      if (this.#piece.length === limits.frameBytes) this.flush();
    }
  }

  /** Hands on what waits to be compressed, so that whoever reads along does not wait for it. */
  flush(): void {
    const { length } = this.#piece;
    if (length === 0) return;
    const frame = this.#frame;
    frame.clear();
    frame.array(3);
    frame.int(recordKind.frame);
    frame.bytes(compressPiece(this.header.compression, this.#piece.written));
    frame.int(length);
    this.#piece.clear();
    this.#sink(frame.written);
  }
}

/** Returns where a record that begins at entry `from` ends, so that it keeps to a good size. */
function listingEnd({ columns, states }: ListedDirectory, from: number): number {
  let bytes = 0;
  let to = from;
  while (to < columns.count && to - from < limits.entries && bytes < recordBytesAim) {
    bytes += listedEntryBytes + (columns.nameLength[to] as number);
    bytes += columns.linkTargets.get(to)?.length ?? 0;
    bytes += states.links.get(to)?.length ?? 0;
    for (const { name, value } of columns.xattrs.get(to) ?? []) bytes += name.length + value.length;
    to++;
  }
  return to;
}
