// Reads a changeset or listing from bytes as they come. It holds one directory and one record of
// content; whatever the bytes are, it gives records that keep the rules or throws changeset-invalid.

import { createDigest, type Digest, digestOf } from "../hash/index.ts";
import { CborCursor } from "./cbor/cursor.ts";
import { decompressPiece } from "./compress.ts";
import { decodeData, decodeProblem, decodeSignature } from "./content-codec.ts";
import { decodeHeader } from "./header-codec.ts";
import { invalid } from "./invalid.ts";
import { limits } from "./limits.ts";
import { ListedDirectory } from "./listed-directory.ts";
import { decodeListing } from "./listing-codec.ts";
import type { Section } from "./order-codec.ts";
import { OrderedDirectory } from "./ordered-directory.ts";
import { decodeOrderBody } from "./orders-codec.ts";
import { type ChangesetRecord, type Header, type RecordPlace, recordKind } from "./record.ts";
import { Sequence } from "./sequence.ts";
import { headerKind, type RawRecord, Splitter } from "./splitter.ts";
import { decodeTrailer } from "./trailer-codec.ts";

const sections: Readonly<Record<number, Section>> = {
  [recordKind.directory]: "directory",
  [recordKind.late]: "late",
  [recordKind.closing]: "closing",
};

/** How to begin in the middle of a sequence that is not compressed and was verified. */
export interface ReaderStart {
  readonly header: Header;
  /** Where the first record begins, which is not one that goes on with a directory. */
  readonly offset: number;
  /** That of a reader which is not used any more; it spares the allocation. */
  readonly memory?: Uint8Array;
}

/** Where a compressed piece lies in the input, and how long it is uncompressed. */
export interface FramePlace {
  readonly position: number;
  readonly length: number;
  readonly rawLength: number;
}

/**
 * Takes bytes by push(), or by room() and filled(), gives records by next() until that returns undefined; finish() at the end of the input. A
 * record is valid until the next call of either, the columns of orders until the next directory but one. Everything thrown is changeset-invalid, or unsupported for a compression that this machine lacks; after it the reader is of no use.
 */
export class ChangesetReader {
  readonly #outer: Splitter;
  /** Where the records are: the outer one, or what the frames hold. */
  #records: Splitter;
  readonly #cursor = new CborCursor();
  /** Two, so that one can still be finished when the next has been read. */
  #orders = new OrderedDirectory();
  #lastOrders = new OrderedDirectory();
  readonly #listing = new ListedDirectory();
  #header: Header | undefined;
  #sequence: Sequence | undefined;
  #digest: Digest | undefined;
  #isEnded = false;
  readonly #isVerified: boolean;
  readonly #isWhole: boolean;
  /** Hears of every compressed piece, in order. */
  onFrame: ((frame: FramePlace) => void) | undefined;

  /**
   * `isVerified`: the digest of all bytes is not asked for, because the same bytes were read to their end before, or
   * because somebody else looks after it. `start`: the reader does not begin at the beginning.
   */
  constructor(isVerified = false, start?: ReaderStart) {
    this.#isVerified = isVerified || start !== undefined;
    this.#isWhole = start === undefined;
    this.#outer = new Splitter(start !== undefined, start?.offset, start?.memory);
    this.#records = this.#outer;
    this.#header = start?.header;
    this.#sequence = start && new Sequence(start.header);
  }

  /** The header, once it has been read. */
  get header(): Header | undefined {
    return this.#header;
  }

  /** The trailer has been read. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** What it works in; for a ReaderStart. */
  get memory(): Uint8Array {
    return this.#outer.memory;
  }

  /** Where the next record begins, in the uncompressed sequence. */
  get offset(): number {
    return this.#records.offset;
  }

  /** Takes bytes; they may change after the call. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.room(bytes.length).set(bytes);
    this.filled(bytes.length);
  }

  /** Returns memory that the next `bytes` bytes can be read into; filled() takes them. */
  room(bytes: number): Uint8Array {
    return this.#outer.room(bytes);
  }

  /** Takes the first `bytes` bytes that were put into room(). */
  filled(bytes: number): void {
    if (bytes > 0 && this.#isEnded) {
      throw invalid("trailer", this.#records.offset, "bytes follow it");
    }
    this.#outer.filled(bytes);
  }

  /** Returns the next record, or undefined when more bytes are needed. */
  next(): ChangesetRecord | undefined {
    if (this.#isEnded) return undefined;
    const raw = this.#nextRaw();
    if (raw === undefined) return undefined;
    if (raw.kind === headerKind) return this.#readHeader(raw);
    return this.#readRecord(raw);
  }

  /** Throws unless the input ended where a changeset ends. */
  finish(): void {
    if (this.#isEnded) return;
    const { offset, isEmpty } = this.#records;
    const isWhole = isEmpty && this.#outer.isEmpty;
    throw invalid(
      this.#header === undefined ? "header" : "trailer",
      offset,
      isWhole ? "the input ends before it" : "the input ends in the middle of a record",
    );
  }

  /** Returns the next record that is not a frame. */
  #nextRaw(): RawRecord | undefined {
    const header = this.#header;
    if (header === undefined || header.compression === "none") {
      const raw = this.#outer.next();
      if (raw?.kind === recordKind.frame) {
        throw invalid("record kind", raw.offset, "a frame, but the header names no compression");
      }
      return raw;
    }
    for (;;) {
      const raw = this.#records.next();
      if (raw !== undefined) {
        if (raw.kind !== recordKind.frame) return raw;
        throw invalid("record kind", raw.offset, "a frame in a frame");
      }
      const frame = this.#outer.next();
      if (frame === undefined) return undefined;
      this.#openFrame(header, frame);
    }
  }

  #openFrame(header: Header, frame: RawRecord): void {
    if (frame.kind !== recordKind.frame) {
      throw invalid("record kind", frame.offset, "a record outside of the frames");
    }
    const { bytes, start, offset, bodyStart, bodyEnd, rawLength } = frame;
    const body = bytes.subarray(bodyStart, bodyEnd);
    const piece = decompressPiece(header.compression, body, rawLength);
    if (piece === undefined) {
      throw invalid("frame", frame.offset, "it is damaged, or not as long as it says");
    }
    this.#records.push(piece);
    const position = offset + bodyStart - start;
    this.onFrame?.({ position, length: body.length, rawLength });
  }

  #readHeader(raw: RawRecord): ChangesetRecord {
    this.#open(raw);
    const header = decodeHeader(this.#cursor);
    this.#header = header;
    this.#sequence = new Sequence(header);
    this.#digest = this.#isVerified ? undefined : createDigest(header.digest);
    this.#digest?.update(raw.bytes, raw.start, raw.end);
    if (header.compression !== "none") {
      this.#records = new Splitter(true, raw.end - raw.start);
    }
    return { type: "header", header, place: placeOf(raw) };
  }

  #readRecord(raw: RawRecord): ChangesetRecord {
    const { kind, offset } = raw;
    const sequence = this.#sequence as Sequence;
    const hashedEnd = kind === recordKind.trailer ? raw.digestStart - 2 : raw.end;
    this.#digest?.update(raw.bytes, raw.start, hashedEnd);
    this.#open(raw);
    const place = placeOf(raw);
    const section = sections[kind];
    if (section !== undefined) return this.#readOrders(raw, section, sequence);
    if (kind === recordKind.listing) {
      this.#checkDigest(raw);
      const listing = this.#listing;
      decodeListing(this.#cursor, listing, (path) => sequence.lastOf("directory", path));
      this.#cursor.finish("listing");
      const range = { from: 0, to: listing.columns.count };
      const isContinued = sequence.listing(listing, range, offset);
      return { type: "listing", listing, isContinued, place };
    }
    if (kind === recordKind.trailer) return this.#readTrailer(raw, sequence);
    if (kind === recordKind.signature) {
      const record = decodeSignature(this.#cursor);
      sequence.signature(record, offset);
      return { ...record, place };
    }
    if (kind === recordKind.data) {
      const record = decodeData(this.#cursor);
      sequence.data(record, offset);
      return { ...record, place };
    }
    const problem = decodeProblem(this.#cursor);
    sequence.problem();
    return { ...problem, place };
  }

  #readOrders(raw: RawRecord, section: Section, sequence: Sequence): ChangesetRecord {
    this.#checkDigest(raw);
    const orders = this.#lastOrders;
    this.#lastOrders = this.#orders;
    this.#orders = orders;
    decodeOrderBody(this.#cursor, section, orders, (of, path) => sequence.lastOf(of, path));
    const range = { from: 0, to: orders.count };
    const isContinued = sequence.orders(section, orders, range, raw.offset);
    return { type: section, orders, isContinued, place: placeOf(raw) };
  }

  #readTrailer(raw: RawRecord, sequence: Sequence): ChangesetRecord {
    if (this.#digest !== undefined && !isDigest(raw, this.#digest.digest())) {
      throw invalid("digest", raw.offset, "what came before is not what was written");
    }
    const trailer = decodeTrailer(this.#cursor);
    if (this.#isWhole) sequence.trailer(trailer, raw.offset);
    this.#isEnded = true;
    if (!this.#records.isEmpty || !this.#outer.isEmpty) {
      throw invalid("trailer", this.#records.offset, "bytes follow it");
    }
    return { type: "trailer", trailer, place: placeOf(raw) };
  }

  #open(raw: RawRecord): void {
    const { bytes, bodyStart, bodyEnd, start, offset } = raw;
    this.#cursor.open(bytes, bodyStart, bodyEnd, offset + bodyStart - start);
  }

  /** A directory has a digest of its own, so that it can be applied before the rest is there. */
  #checkDigest(raw: RawRecord): void {
    const { digest } = this.#header as Header;
    if (!isDigest(raw, digestOf(digest, raw.bytes, raw.bodyStart, raw.bodyEnd))) {
      throw invalid("digest", raw.offset, "the record is not what was written");
    }
  }
}

function isDigest({ bytes, digestStart }: RawRecord, digest: Uint8Array): boolean {
  for (let i = 0; i < limits.digestBytes; i++) {
    if (bytes[digestStart + i] !== digest[i]) return false;
  }
  return true;
}

function placeOf(raw: RawRecord): RecordPlace {
  const { bytes, start, end, bodyStart, bodyEnd, offset, digestStart } = raw;
  return {
    offset,
    length: end - start,
    body: bytes.subarray(bodyStart, bodyEnd),
    digest:
      digestStart < end ? bytes.subarray(digestStart, digestStart + limits.digestBytes) : undefined,
  };
}
