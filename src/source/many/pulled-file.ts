// One file on its way from several sources: what of it is there, whether that is right, and who sent it. Bytes come in units
// that one source sent; a unit is proven by the reference's digest of the same bytes where the reference can be asked, and
// else whatever digests the listing has are proven when all that they are of is there. Nothing is given on before.

import type { ByteString } from "../../base/index.ts";
import { createDigest, type DigestName, digestOf, equalDigests } from "../../hash/index.ts";
import type { ListedEntry, SourceFile, SourcePart } from "../source.ts";
import type { Part } from "./assignment.ts";
import { Segments, type Span } from "./segments.ts";

/** Where the content of a file is put while it comes. */
export interface ContentStore {
  write(position: number, bytes: Uint8Array): void;
  /** Takes all of the file at once, and the memory with it. Absent where write() is as good. */
  takeWhole?(bytes: Uint8Array): void;
  /** Fills `into` with what was written; false = not all of it is there any more. Neither of them throws. */
  read(position: number, into: Uint8Array): boolean;
}

/** A file that is wanted. */
export interface PullOrder {
  readonly path: ByteString;
  /** As the reference lists it, its size exact. */
  readonly entry: ListedEntry;
  readonly size: number;
  readonly store: ContentStore;
  /** What an earlier run has proven and left in the store. */
  readonly kept: readonly Span[];
  /** More of it is proven. */
  readonly proven: (from: number, to: number) => void;
  /** All of it is proven; or it cannot be had, and why. */
  readonly ended: (why: string | undefined) => void;
}

/** What a file needs of whoever pulls it. */
export interface PullHost {
  readonly reference: number;
  /** Undefined = the reference computes none. */
  readonly digest: ((file: SourceFile, part: SourcePart) => Promise<Uint8Array>) | undefined;
  /** Bytes of a source were of use. */
  accepted(source: number, bytes: number): void;
  /** A source sent other bytes than the reference has; they are asked for again. */
  wrong(source: number, part: Part): void;
  /** The bytes may be wrong, and are asked for again from others; a source below 0 is nobody. */
  again(source: number, part: Part): void;
  /** It has turned out that a source's bytes were wrong. */
  blame(source: number, part: Part): void;
  /** How many bytes of a source were proven. */
  proven(source: number): number;
}

interface Check extends Span {
  readonly algorithm: DigestName;
  readonly value: Uint8Array;
  isPassed: boolean;
  isRunning: boolean;
  /** What was taken out because the digest did not fit. */
  readonly suspected: {
    readonly source: number;
    readonly span: Span;
    readonly digest: Uint8Array;
  }[];
}

/** Bytes that are hashed before others get a turn. */
const stepBytes = 4 * 1024 * 1024;
const unreadable = "what has come of it cannot be read any more";
/** Earlier runs' bytes have no source. */
const nobody = -1;

/** Such a file. */
export class PulledFile {
  readonly number: number;
  readonly order: PullOrder;
  readonly segments = new Segments();
  readonly #host: PullHost;
  readonly #checks: readonly Check[];
  #isOver = false;

  constructor(number: number, order: PullOrder, host: PullHost) {
    this.number = number;
    this.order = order;
    this.#host = host;
    this.#checks = checksOf(order);
    for (const { from, to } of order.kept) this.segments.add({ from, to, source: nobody });
  }

  /** It has come, or cannot be had. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Units end where digests do. */
  get unitBytes(): number {
    return unitBytesMax;
  }

  /** Says whether a span may be used. */
  isReady(from: number, to: number): boolean {
    if (!this.segments.covers(from, to)) return false;
    return this.#checks.every((check) => check.isPassed || check.to <= from || check.from >= to);
  }

  /** Looks at what was there from the beginning. */
  begin(): void {
    for (const check of this.#checks) void this.#run(check);
    this.#settle();
  }

  /** Takes a unit of a source; the memory is the file's from here on. */
  async offer(source: number, from: number, bytes: Uint8Array): Promise<void> {
    const to = from + bytes.length;
    if (this.#isOver || this.segments.covers(from, to)) return;
    const { reference, digest } = this.#host;
    if (this.#checks.length === 0 && digest !== undefined && source !== reference) {
      const part = { file: this.number, from, to };
      let expected: Uint8Array;
      try {
        expected = await digest(this.order, { offset: from, length: bytes.length });
      } catch {
        // Nobody knows; the reference's own bytes need no proof.
        this.#host.again(source, part);
        return;
      }
      if (!equalDigests(expected, digestOf("blake3", bytes))) {
        this.#host.wrong(source, part);
        return;
      }
    }
    this.#accept(source, from, bytes);
  }

  /** It cannot be had. */
  fail(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.order.ended(why);
  }

  #accept(source: number, from: number, bytes: Uint8Array): void {
    if (this.#isOver) return;
    const to = from + bytes.length;
    const { store, size } = this.order;
    if (bytes.length === size && store.takeWhole !== undefined && this.segments.all.length === 0) {
      store.takeWhole(bytes);
      this.segments.add({ from, to, source });
      this.#host.accepted(source, size);
    }
    for (const gap of this.segments.missing(from, to)) {
      store.write(gap.from, bytes.subarray(gap.from - from, gap.to - from));
      this.segments.add({ ...gap, source });
      this.#host.accepted(source, gap.to - gap.from);
    }
    if (this.#checks.length === 0) {
      this.order.proven(from, to);
      this.#settle();
      return;
    }
    for (const check of this.#checks) {
      if (check.from < to && check.to > from) void this.#run(check);
    }
  }

  async #run(check: Check): Promise<void> {
    if (check.isPassed || check.isRunning || !this.segments.covers(check.from, check.to)) return;
    check.isRunning = true;
    const digest = await this.#digest(check, check.algorithm);
    check.isRunning = false;
    if (digest === undefined) this.fail(unreadable);
    if (this.#isOver || digest === undefined) return;
    if (!equalDigests(digest, check.value)) {
      await this.#suspect(check);
      return;
    }
    check.isPassed = true;
    for (const { source, span, digest: before } of check.suspected) {
      const now = await this.#digest(span, "blake3");
      if (now === undefined || equalDigests(now, before)) continue;
      this.#host.blame(source, { file: this.number, ...span });
    }
    this.order.proven(check.from, check.to);
    this.#settle();
  }

  /** Undefined = it cannot be read. */
  async #digest({ from, to }: Span, algorithm: DigestName): Promise<Uint8Array | undefined> {
    const digest = createDigest(algorithm);
    const room = new Uint8Array(Math.min(stepBytes, to - from));
    for (let at = from; at < to; at += room.length) {
      const bytes = room.subarray(0, Math.min(room.length, to - at));
      if (!this.order.store.read(at, bytes)) return undefined;
      digest.update(bytes);
      if (at + room.length < to) await new Promise((resolve) => setImmediate(resolve));
    }
    return digest.digest();
  }

  /** Takes out what the least proven source sent: it comes again from others. */
  async #suspect(check: Check): Promise<void> {
    const segments = this.segments.within(check.from, check.to);
    const sources = new Set(segments.map(({ source }) => source));
    const suspects = [...sources].filter((source) => source !== this.#host.reference);
    const [suspect] = suspects.sort((a, b) => this.#trust(a) - this.#trust(b));
    if (suspect === undefined) {
      this.fail("its content is not what its digest says");
      return;
    }
    const isCertain = sources.size === 1 && suspect !== nobody;
    for (const { from, to, source } of segments) {
      if (source !== suspect) continue;
      const span = { from, to };
      if (!isCertain && source !== nobody) {
        const digest = await this.#digest(span, "blake3");
        if (digest !== undefined) check.suspected.push({ source, span, digest });
      }
    }
    for (const { from, to, source } of segments) {
      if (source !== suspect) continue;
      this.segments.remove(from, to);
      const part = { file: this.number, from, to };
      if (isCertain) this.#host.blame(source, part);
      this.#host.again(source, part);
    }
  }

  /** What an earlier run has left goes first. */
  #trust(source: number): number {
    return source === nobody ? -1 : this.#host.proven(source);
  }

  #settle(): void {
    if (this.#isOver || !this.isReady(0, this.order.size)) return;
    this.#isOver = true;
    this.order.ended(undefined);
  }
}

/** A unit has at most so many bytes. */
export const unitBytesMax = 1024 * 1024;

function checksOf({ entry, size }: PullOrder): Check[] {
  const { digest, pieces } = entry;
  const fresh = { isPassed: false, isRunning: false };
  if (pieces !== undefined && Math.ceil(size / pieces.length) === pieces.values.length) {
    const { algorithm, length } = pieces;
    return pieces.values.map((value, n) => {
      const span = { from: n * length, to: Math.min(size, (n + 1) * length) };
      return { ...span, algorithm, value, ...fresh, suspected: [] };
    });
  }
  if (digest === undefined) return [];
  return [{ from: 0, to: size, ...digest, ...fresh, suspected: [] }];
}
