// Writes a changeset or listing, record by record, into a sink.

import { assert } from "../base/index.ts";
import { createDigest, type Digest, digestOf } from "../hash/index.ts";
import { CborWriter } from "./cbor/writer.ts";
import { compressPiece } from "./compress.ts";
import { dataBytes, encodeData, encodeProblem, encodeSignature } from "./content-codec.ts";
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
  /** Records that the sink has not got yet, and where the first of them is in the sequence. */
  readonly #held = new CborWriter();
  readonly #holdBytes: number;
  /** What waits for its frame, where there is compression, and the frame. */
  readonly #piece = new CborWriter();
  readonly #frame = new CborWriter();
  #offset = 0;

  /** Writes the header. With `holdBytes` the sink gets records when there are so many bytes of them, or at a flush(). */
  constructor(header: Header, sink: ByteSink, holdBytes = 0) {
    this.header = header;
    this.#sink = sink;
    this.#holdBytes = holdBytes;
    this.#sequence = new Sequence(header);
    this.#digest = createDigest(header.digest);
    encodeHeader(this.#body, header);
    const head = new CborWriter();
    head.raw(magic);
    head.int(formatVersion);
    head.bytes(this.#body.written);
    this.#digest.update(head.written);
    this.#offset = head.length;
    sink(head.written);
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
    this.#sequence.orders(section, orders, { from, to }, this.#at);
    this.#writeDigested(recordKind[section]);
    return to;
  }

  /**
   * Writes the body of a record of orders as it was read, so that indices into it stay what they are; the digest is
   * this writer's own.
   */
  passOrders(section: Section, orders: OrderedDirectory, body: Uint8Array): void {
    this.#sequence.orders(section, orders, { from: 0, to: orders.count }, this.#at);
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
      this.#sequence.listing(listing, { from, to }, this.#at);
      this.#writeDigested(recordKind.listing);
      from = to;
    } while (from < count);
  }

  /** Writes a signature, or a run of its blocks. */
  signature(record: Omit<SignatureRecord, "type">): void {
    this.#sequence.signature({ type: "signature", ...record }, this.#at);
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
    const { index, tokens, digest } = record;
    this.#sequence.data({ type: "data", index, tokens, digest }, this.#at);
    const held = this.#held;
    held.array(2);
    held.int(recordKind.data);
    // Content is copied once, not by way of a body.
    held.bytesHead(dataBytes(record));
    encodeData(held, record);
    this.#release();
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
    this.#sequence.trailer(trailer, this.#at);
    this.#body.clear();
    encodeTrailer(this.#body, trailer);
    const held = this.#held;
    held.array(3);
    held.int(recordKind.trailer);
    held.bytes(this.#body.written);
    this.#digest.update(held.written);
    held.bytes(this.#digest.digest());
    this.#emit();
    this.#compress();
    return trailer;
  }

  #writeDigested(kind: number): void {
    this.#write(kind, digestOf(this.header.digest, this.#body.written));
  }

  #write(kind: number, digest: Uint8Array | undefined): void {
    const held = this.#held;
    held.array(digest === undefined ? 2 : 3);
    held.int(kind);
    held.bytes(this.#body.written);
    if (digest !== undefined) held.bytes(digest);
    this.#release();
  }

  /** Where the next record begins in the sequence. */
  get #at(): number {
    return this.#offset + this.#held.length;
  }

  /** Hands records on when there are enough of them. */
  #release(): void {
    if (this.#held.length < this.#holdBytes) return;
    this.#digest.update(this.#held.written);
    this.#emit();
  }

  #emit(): void {
    const bytes = this.#held.written;
    this.#held.clear();
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
      if (this.#piece.length === limits.frameBytes) this.#compress();
    }
  }

  /** Hands on what waits, so that whoever reads along does not wait for it. */
  flush(): void {
    if (this.#held.length > 0) {
      this.#digest.update(this.#held.written);
      this.#emit();
    }
    this.#compress();
  }

  #compress(): void {
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
