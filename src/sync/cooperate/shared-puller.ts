// The conductor's side of pulling: what its lanes want becomes orders for everybody, and what anybody has brought is looked at
// before it is believed: that it is there as its line says, and that it is what the reference says.

import type { ByteString, Clock, Random } from "../../base/index.ts";
import { digestOf } from "../../hash/index.ts";
import {
  PulledFile,
  type PullHost,
  type PullOrder,
  type SourceFile,
  type SourcePart,
  type Span,
} from "../../source/index.ts";
import type { Pulls } from "../mirror/part-store.ts";
import type { Board } from "./board.ts";
import { Bundler, byFiles } from "./bundler.ts";
import { claimName } from "./choose-run.ts";
import type { JobFolder } from "./job-folder.ts";
import { freshKey, type OrderRecord, orderOf, piecesOf } from "./order-record.ts";
import type { Brought, OrderState } from "./order-state.ts";
import { orderedFile, type PartHost, SharedPart } from "./shared-parts.ts";

/** What it needs. */
export interface SharedPullerSettings {
  readonly board: Board;
  readonly folder: JobFolder;
  readonly clock: Clock;
  readonly random: Random;
  /** Counts conductors. */
  readonly term: number;
  /** The reference's URL: what comes from there is believed. */
  readonly reference: ByteString;
  /** Computes digests of the reference's content, where it is this process's own source. */
  readonly digest: ((file: SourceFile, part: SourcePart) => Promise<Uint8Array>) | undefined;
  /** Somebody's source sent wrong bytes. */
  readonly lied: (
    url: ByteString,
    path: ByteString,
    part: { readonly from: number; readonly to: number },
  ) => void;
  /** It cannot go on. */
  readonly failed: (error: unknown) => void;
}

/** An order that is out, with the files that wait for it. */
interface Open {
  readonly record: OrderRecord;
  readonly files: readonly PulledFile[];
  readonly starts: readonly number[];
  /** Lines that were looked at. */
  looked: number;
  left: number;
  /** A lane reads it from the folder. */
  readonly isShared: boolean;
}

/** Smaller files travel in bundles. */
const bundleBelow = 512 * 1024;
const referenceNumber = 0;

/** Such a puller. */
export class SharedPuller implements Pulls, PartHost {
  readonly #settings: SharedPullerSettings;
  readonly #open = new Map<string, Open>();
  readonly #orderOf = new Map<number, string>();
  readonly #numbers = new Map<ByteString, number>();
  readonly #host: PullHost;
  readonly #proven = new Map<number, number>();
  readonly #bundler: Bundler;
  #next = 0;
  #isStopped = false;

  constructor(settings: SharedPullerSettings) {
    this.#settings = settings;
    this.#host = this.#pullHost();
    this.#bundler = new Bundler(settings.clock, (files) => this.#publish(files));
  }

  add(order: PullOrder): PulledFile {
    const number = this.#next++;
    const ended = (why: string | undefined): void => {
      order.ended(why);
      this.#ended(number);
    };
    const file = new PulledFile(number, { ...order, ended }, this.#host);
    if (order.store instanceof SharedPart) this.#publish([file], order.store.order, true);
    else if (order.size >= bundleBelow) this.#publish([file]);
    else this.#bundler.add(file);
    return file;
  }

  /** Looks at what has been brought. */
  look(): void {
    for (const open of this.#open.values()) {
      const order = this.#settings.board.orders.get(open.record.key);
      if (order === undefined) continue;
      const { brought } = order.facts;
      while (open.looked < brought.length && !this.#isStopped) {
        this.#offer(open, brought[open.looked++] as Brought);
      }
      this.#giveUp(open, order);
    }
  }

  /** What has been brought for the conductor before is taken up; what is over is not. */
  keyOf(what: string): string {
    const { board, random } = this.#settings;
    return board.keyOf(what) ?? freshKey(what, random);
  }

  /** Nobody waits for a file any more that a lane read from the folder. */
  close(record: OrderRecord): void {
    this.#drop(record);
  }

  /** It cannot go on. */
  failed(error: unknown): void {
    this.#settings.failed(error);
  }

  /** Ends it. */
  stop(): void {
    this.#isStopped = true;
  }

  #publish(files: readonly PulledFile[], known?: OrderRecord, isShared = false): void {
    if (this.#isStopped) return;
    const record = known ?? this.#recordOf(files);
    const starts = [0];
    for (const { order } of files) starts.push((starts.at(-1) as number) + order.size);
    const open = { record, files, starts, looked: 0, left: files.length, isShared };
    for (const { number } of files) this.#orderOf.set(number, record.key);
    this.#open.set(record.key, open);
    const { board, term } = this.#settings;
    this.#trying(() => board.say({ is: "wants", term, order: record }));
    // What had been brought before is there already.
    queueMicrotask(() => this.#trying(() => this.look()));
  }

  #recordOf(files: readonly PulledFile[]): OrderRecord {
    const ordered = files.map(({ order }) => orderedFile(order.path, order.entry));
    return orderOf(ordered, (what) => this.keyOf(what));
  }

  #offer(open: Open, brought: Brought): void {
    if (brought.isRefused) return;
    const { folder } = this.#settings;
    const { from, to, digest, member } = brought;
    const end = open.starts.at(-1) as number;
    const bytes = new Uint8Array(to <= end ? to - from : 0);
    const isThere = to <= end && folder.readContent(open.record.key, from, bytes);
    if (!isThere || Buffer.from(digestOf("blake3", bytes)).toString("hex") !== digest) {
      this.#refuse(brought, false);
      return;
    }
    const source = this.#numberOf(member);
    for (const [index, file] of open.files.entries()) {
      const start = open.starts[index] as number;
      const [first, last] = [Math.max(from, start), Math.min(to, start + file.order.size)];
      if (first >= last || file.isOver) continue;
      void file.offer(source, first - start, bytes.subarray(first - from, last - from));
    }
  }

  /** What none of those who are still there has cannot be had. */
  #giveUp({ files, starts }: Open, order: OrderState): void {
    const { facts, pieces } = order;
    const living = this.#settings.board.living();
    if (order.left === 0 || !living.every(({ name }) => facts.lacks.has(name))) return;
    for (const index of pieces.keys()) {
      const isHopeless = ({ from, to }: Span): boolean =>
        living.every(({ name }) => facts.isLacking(name, from, to));
      for (const span of order.missing(index).flatMap((missing) => byFiles(missing, starts))) {
        if (!isHopeless(span)) continue;
        files[span.file]?.fail("no source has it as the first one lists it");
      }
    }
  }

  #refuse({ member, at }: Brought, isBlamed: boolean): void {
    this.#trying(() => this.#settings.board.say({ is: "refused", member, at, isBlamed }));
  }

  #ended(number: number): void {
    const key = this.#orderOf.get(number);
    this.#orderOf.delete(number);
    const open = key === undefined ? undefined : this.#open.get(key);
    if (open === undefined) return;
    open.left--;
    if (open.left > 0) return;
    this.#open.delete(open.record.key);
    if (!open.isShared) this.#drop(open.record);
  }

  /** Tells all that an order is over, and removes what there is of it. */
  #drop(record: OrderRecord): void {
    const { board, folder, term } = this.#settings;
    if (this.#isStopped) return;
    this.#trying(() => {
      const order = board.orders.get(record.key);
      board.say({ is: "over", term, key: record.key });
      folder.dropContent(record.key);
      if (order === undefined) return;
      for (const index of piecesOf(record).keys()) folder.claims.clear(claimName(order, index));
    });
  }

  #numberOf(member: ByteString): number {
    const url = this.#urlOf(member);
    if (url === this.#settings.reference) return referenceNumber;
    const known = this.#numbers.get(url) ?? this.#numbers.size + 1;
    this.#numbers.set(url, known);
    return known;
  }

  #urlOf(member: ByteString): ByteString {
    return this.#settings.board.members.get(member)?.url ?? member;
  }

  #pullHost(): PullHost {
    const { digest } = this.#settings;
    const again = (
      source: number,
      part: { file: number; from: number; to: number },
      lied: boolean,
    ): void => {
      if (lied) this.#lied(source, part);
      this.#refuseAll(source, part);
    };
    return {
      reference: referenceNumber,
      digest,
      accepted: (source, bytes) => {
        this.#proven.set(source, (this.#proven.get(source) ?? 0) + bytes);
      },
      wrong: (source, part) => again(source, part, true),
      again: (source, part) => again(source, part, false),
      blame: (source, part) => this.#lied(source, part),
      proven: (source) => this.#proven.get(source) ?? 0,
    };
  }

  #lied(
    source: number,
    { file: number, from, to }: { file: number; from: number; to: number },
  ): void {
    const file = this.#fileOf(number);
    if (file === undefined) return;
    const [url = ""] = [...this.#numbers].find(([, known]) => known === source) ?? [
      this.#settings.reference,
    ];
    this.#settings.lied(url, file.order.path, { from, to });
  }

  /** What a source has brought of a part is asked for again, of others. */
  #refuseAll(
    source: number,
    { file: number, from, to }: { file: number; from: number; to: number },
  ): void {
    const open = this.#openOf(number);
    const index = open?.files.findIndex((file) => file.number === number) ?? -1;
    const facts = open && this.#settings.board.orders.get(open.record.key)?.facts;
    if (open === undefined || facts === undefined || index < 0) return;
    const start = open.starts[index] as number;
    for (const brought of facts.brought) {
      const isIt = brought.from < start + to && brought.to > start + from && !brought.isRefused;
      if (isIt && this.#numberOf(brought.member) === source) this.#refuse(brought, true);
    }
  }

  #openOf(number: number): Open | undefined {
    return this.#open.get(this.#orderOf.get(number) ?? "");
  }

  #fileOf(number: number): PulledFile | undefined {
    return this.#openOf(number)?.files.find((file) => file.number === number);
  }

  #trying(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#settings.failed(error);
    }
  }
}
