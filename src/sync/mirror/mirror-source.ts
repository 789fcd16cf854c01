// Many sources in the place of the one end that a run's target speaks with: the reference lists, and content comes from whoever
// has the same file. Everything behind it (lanes, deletions, backups...) is as it is with one source elsewhere.

import { type ByteString, joinPath } from "../../base/index.ts";
import { equalDigests } from "../../hash/index.ts";
import { decodeWanted, Slabs, type WantedFile } from "../../session/index.ts";
import type { ListedEntry, Source } from "../../source/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import type { ContentWish, FarListing, FarSource } from "../conduct/far-ends.ts";
import type { TreeNode } from "../conduct/tree-node.ts";
import {
  type AnsweredFile,
  encodeAnswer,
  lostFile,
  sameFile,
  wholeFile,
} from "./content-answer.ts";
import { LargeFile } from "./large-file.ts";
import type { RowEntries } from "./listing-record.ts";
import type { MirrorListings } from "./mirror-listings.ts";
import type { PartOpener, Pulls } from "./part-store.ts";
import { WholeFile } from "./whole-file.ts";

/** What it is made of. */
export interface MirrorSourceSettings {
  readonly reference: Source;
  readonly computesDigests: boolean;
  readonly listings: MirrorListings;
  readonly puller: Pulls;
  readonly parts: () => PartOpener;
  readonly signal: AbortSignal;
  /** Lanes are threads: large files can come in pieces. */
  readonly streams: boolean;
  readonly tell: (event: ProgressEvent) => void;
  /** Says whether the reference has changed since it was listed, as far as that is known; and finds it out. */
  readonly hasChanged?: () => boolean;
  readonly recheck?: () => Promise<void>;
}

interface Known {
  /** Path below the source's root, "" for that. */
  readonly path: ByteString;
  readonly rows: RowEntries;
  readonly large: Map<number, Promise<LargeFile | undefined>>;
}

type Then = (content: Uint8Array, applied: () => void) => void;

/** Content of small files that is ordered or has not been applied: a few seconds of several fast sources. */
const contentBytesMax = 64 * 1024 * 1024;
/** What a wish costs at least. */
const wishBytesMin = 8192;
/** EIO: why is told apart. */
const lostErrno = 5;
/** Pieces are not waited for by connections of one other end. */
const carriers = 2;

/** Such a source. */
export class MirrorSource implements FarSource {
  readonly streams: boolean;
  readonly carriers = carriers;
  readonly slabs = new Slabs();
  readonly #settings: MirrorSourceSettings;
  readonly #known = new Map<number, Known>();
  #queue: { readonly cost: number; readonly begin: () => void }[] = [];
  #outBytes = 0;
  #next = 0;

  constructor(settings: MirrorSourceSettings) {
    this.#settings = settings;
    this.streams = settings.streams;
  }

  /** The tree is not any more what it was listed as: nothing is deleted on account of that. */
  get isIncomplete(): boolean {
    return this.#settings.hasChanged?.() ?? false;
  }

  async recheck(): Promise<void> {
    await this.#settings.recheck?.();
  }

  /** Begins a walk. */
  walk(): void {
    for (const number of this.#known.keys()) this.#forget(number);
  }

  listing(node: TreeNode, then: (listing: FarListing) => void): void {
    void this.#settings.listings.of(node).then(({ path, rows, record }) => {
      const directory = this.#next++;
      this.#known.set(directory, { path, rows, large: new Map() });
      then({ directory, record });
    });
  }

  content(node: TreeNode, { body, bytes, isMore }: ContentWish, then: Then): void {
    const known = this.#knownOf(node);
    const cost = Math.max(bytes, wishBytesMin) + body.length;
    const begin = (): void => {
      this.#outBytes += cost;
      const wanted = decodeWanted(body, known.rows.length);
      void Promise.all(wanted.map((wish) => this.#answer(known, wish))).then((files) => {
        this.#give(files, then, () => {
          this.#outBytes -= cost;
          this.#goOn();
        });
      });
    };
    if (isMore === true) queueMicrotask(begin);
    else {
      this.#queue.push({ cost, begin });
      queueMicrotask(() => this.#goOn());
    }
  }

  piece(node: TreeNode, { body }: { body: Uint8Array }, then: Then): void {
    const known = this.#knownOf(node);
    const [wish] = decodeWanted(body, known.rows.length);
    if (wish?.piece === undefined) return;
    const { piece } = wish;
    void this.#piece(known, wish, piece).then((file) => {
      this.#give([file], then, () => undefined);
      this.slabs.give(file.bytes);
    });
  }

  signature(): void {
    // Nobody but an end of ours matches blocks.
  }

  drop(): void {
    // As signature().
  }

  remove(
    _directory: number,
    _files: unknown,
    then: (events: readonly ProgressEvent[]) => void,
  ): void {
    queueMicrotask(() => then([]));
  }

  skip(node: TreeNode, index: number): void {
    const known = this.#known.get(node.far);
    const name = known && directoryName(known.rows, index);
    if (known === undefined || name === undefined) return;
    this.#settings.listings.skip(joinPath(known.path, name));
  }

  release(node: TreeNode): void {
    this.#forget(node.far);
  }

  /** Lets everything go. */
  close(): void {
    for (const number of this.#known.keys()) this.#forget(number);
  }

  #goOn(): void {
    while (this.#outBytes < contentBytesMax) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      next.begin();
    }
  }

  #give(files: readonly AnsweredFile[], then: Then, applied: () => void): void {
    if (this.#settings.signal.aborted) return;
    const message = encodeAnswer(files, this.slabs);
    then(message, () => {
      this.slabs.give(message);
      applied();
    });
  }

  /** Answers a wish for a whole file. */
  async #answer(known: Known, wish: WantedFile): Promise<AnsweredFile> {
    const { row } = wish;
    const entry = known.rows.at(row) as ListedEntry;
    const path = joinPath(known.path, entry.name);
    const size = entry.size ?? 0;
    const same = await this.#sameAs(path, entry, wish);
    if (same !== undefined) return sameFile(row, same);
    if (wish.piece !== undefined || size === 0) return wholeFile(row, entry, new Uint8Array(0));
    const memory = new WholeFile(size);
    return new Promise((resolve) => {
      this.#settings.puller.add({
        ...{ path, entry, size, store: memory },
        kept: [],
        proven: () => undefined,
        ended: (why) => {
          if (why !== undefined) this.#lost(path, why);
          const isLost = why !== undefined;
          resolve(isLost ? lostFile(row, "read", lostErrno) : wholeFile(row, entry, memory.bytes));
        },
      });
    });
  }

  async #piece(
    known: Known,
    wish: WantedFile,
    { position, length }: { readonly position: number; readonly length: number },
  ): Promise<AnsweredFile> {
    const { row } = wish;
    const entry = known.rows.at(row) as ListedEntry;
    const path = joinPath(known.path, entry.name);
    const same = await this.#sameAs(path, entry, wish);
    if (same !== undefined) return sameFile(row, same);
    const opened = known.large.get(row) ?? this.#openLarge(path, entry);
    known.large.set(row, opened);
    const large = await opened;
    if (large === undefined) return lostFile(row, "write", lostErrno);
    const bytes = await new Promise<Uint8Array | undefined>((resolve) => {
      large.take(position, length, resolve);
    });
    if (bytes === undefined) return lostFile(row, "read", lostErrno);
    return wholeFile(row, entry, bytes, position);
  }

  async #openLarge(path: ByteString, entry: ListedEntry): Promise<LargeFile | undefined> {
    const { puller, parts } = this.#settings;
    const part = await parts().open(path, entry);
    if (part === undefined) return undefined;
    const lost = (why: string): void => this.#lost(path, why);
    const room = (length: number): Uint8Array => this.slabs.take(length);
    return new LargeFile(path, entry, part, { puller, lost, room });
  }

  /** Says as which of the target's files the reference has it, where that can be found out. */
  async #sameAs(
    path: ByteString,
    entry: ListedEntry,
    { digest: own, known }: WantedFile,
  ): Promise<number | undefined> {
    if (own === undefined && known.length === 0) return undefined;
    const digest = await this.#digestOf(path, entry);
    if (digest === undefined) return undefined;
    const fits = (part: Uint8Array): boolean => equalDigests(part, digest.subarray(0, part.length));
    if (own !== undefined && fits(own)) return 0;
    const index = known.findIndex(fits);
    return index < 0 ? undefined : index + 1;
  }

  async #digestOf(path: ByteString, entry: ListedEntry): Promise<Uint8Array | undefined> {
    if (entry.digest?.algorithm === "blake3") return entry.digest.value;
    const { reference, computesDigests, signal } = this.#settings;
    const size = entry.size ?? 0;
    if (!computesDigests || reference.digest === undefined || size === 0) return undefined;
    try {
      return await reference.digest({ path, entry }, { offset: 0, length: size }, signal);
    } catch {
      // Then it is fetched.
      return undefined;
    }
  }

  #lost(path: ByteString, message: string): void {
    const event = { type: "problem", path, role: "source", operation: "read", errno: 0 } as const;
    // Whoever was to write it tells that it failed; this is why.
    this.#settings.tell({ ...event, message, exit: 0 });
  }

  #knownOf(node: TreeNode): Known {
    return this.#known.get(node.far) as Known;
  }

  #forget(number: number): void {
    const known = this.#known.get(number);
    this.#known.delete(number);
    for (const opened of known?.large.values() ?? []) {
      void opened.then((large) => large?.close());
    }
  }
}

/** Returns the name of a directory by its number among the directories. */
function directoryName(rows: RowEntries, index: number): ByteString | undefined {
  let before = 0;
  for (let row = 0; row < rows.length; row++) {
    const entry = rows.at(row);
    if (entry?.kind === "directory" && before++ === index) return entry.name;
  }
  return undefined;
}
