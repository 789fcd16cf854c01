// The source's end of a run as the target's end sees it over rsync's protocol: file lists become listings, wishes become
// requests, and what comes back becomes the content that lanes expect. What rsync does not offer (digests of what it
// has, several connections) is simply not there.

import { assert, type ByteString, joinPath, type ManifoldError } from "../../base/index.ts";
import {
  brokenProtocol,
  type DeletionCounts,
  type FileSink,
  type IdNames,
  type ItemHeader,
  listError,
  type PulledList,
  type Puller,
  type PullListener,
  type TextKind,
  type XattrValues,
} from "../../rsync/index.ts";
import { decodeSignature, Slabs } from "../../session/index.ts";
import type { FarClient, FarListing, FarSource } from "../conduct/far-ends.ts";
import type { TreeNode } from "../conduct/tree-node.ts";
import { type PulledDirectory, PulledParts } from "./pulled-directory.ts";
import { RsyncContent } from "./rsync-content.ts";
import type { RsyncDirectories } from "./rsync-directories.ts";
import type { RsyncSourceListener, RsyncSourceOptions } from "./rsync-source-listener.ts";
import { RsyncStreams } from "./rsync-streams.ts";
import { isAboutVanished, textEvent } from "./rsync-texts.ts";
import { RsyncXattrs } from "./rsync-xattrs.ts";
import { SkippedPaths } from "./skipped-paths.ts";

type Then = (listing: FarListing) => void;

/** What a file that does not come counts as: EACCES, or ENOENT if it has vanished. */
const refused = 13;
const vanished = 2;

/** Such a source. */
export class RsyncSource implements FarClient, PullListener {
  readonly streams: boolean;
  readonly carriers = 1;
  readonly slabs = new Slabs();
  readonly directories: RsyncDirectories;
  readonly #listener: RsyncSourceListener;
  #puller: Puller | undefined;
  readonly #xattrs: RsyncXattrs;
  /** Directories that have come and wait for values of extended attributes. */
  readonly #incomplete = new Set<ByteString>();
  readonly #content: RsyncContent;
  readonly #streamed: RsyncStreams;
  /** Directories that have come, by path until they are wanted, by number until they are released. */
  readonly #arrived = new Map<ByteString, PulledDirectory>();
  readonly #known = new Map<number, PulledDirectory>();
  readonly #awaited = new Map<ByteString, Then>();
  readonly #skipped = new SkippedPaths();
  readonly #parts = new PulledParts(() => this.#puller?.finishList());
  #hasBegun = false;
  #isQuiet = false;
  /** A walk before the real one: everything will be wanted once more. */
  #isLooking = false;
  #errors = 0;
  #lastName: ByteString | undefined;
  #isVanishing = false;
  #over: (() => void) | undefined;
  #isOver = false;

  constructor(
    directories: RsyncDirectories,
    listener: RsyncSourceListener,
    { streams, ...xattrs }: RsyncSourceOptions,
  ) {
    this.directories = directories;
    this.streams = streams;
    this.#listener = listener;
    const puller = (): Puller => {
      assert(this.#puller !== undefined, "Whoever is asked is connected.");
      return this.#puller;
    };
    this.#xattrs = new RsyncXattrs({ ...xattrs, puller, tell: (event) => listener.tell(event) });
    this.#content = new RsyncContent(puller, this.slabs);
    this.#streamed = new RsyncStreams(puller, this.slabs);
  }

  /** The conversation, of which this is the listener. */
  connect(puller: Puller): void {
    this.#puller = puller;
  }

  /**
   * Ends the conversation in order; resolves when the other end has said everything. `deletions`: what this end, being the
   * server, has deleted.
   */
  finish(deletions?: DeletionCounts): Promise<void> {
    this.#puller?.mayClose(deletions);
    for (const directory of this.#known.values()) this.#settle(directory);
    for (const directory of this.#arrived.values()) this.#settle(directory);
    this.#isQuiet = true;
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#over = resolve;
    });
  }

  // What the conductor asks.

  walk(quiet: boolean, { lastName }: { lastName: ByteString | undefined }): void {
    this.#isLooking = quiet;
    this.#lastName = lastName;
  }

  listing({ known: { path } }: TreeNode, then: Then): void {
    const arrived = this.#arrived.get(path);
    if (arrived !== undefined) {
      if (!this.#isLooking) this.#arrived.delete(path);
      const listing = this.#listingOf(arrived);
      setImmediate(() => then(listing));
    } else if (this.#isToCome(path)) {
      this.#awaited.set(path, then);
    } else setImmediate(() => then("closed"));
  }

  #isToCome(path: ByteString): boolean {
    if (this.#incomplete.has(path)) return true;
    return this.directories.isAwaited(path) && !this.#parts.hasAllLists;
  }

  #listingOf(directory: PulledDirectory): FarListing {
    const lastName = directory.path === "" ? this.#lastName : undefined;
    this.#known.set(directory.id, directory);
    const how = { lastName, isLooking: this.#isLooking };
    const record = this.directories.record(directory, this.#errors, how);
    return { directory: directory.id, record };
  }

  content(...[node, wish, then]: Parameters<FarSource["content"]>): void {
    this.#content.ask(this.#of(node), wish, then);
  }

  piece(...[node, wish, then]: Parameters<FarSource["piece"]>): void {
    this.#streamed.ask(this.#of(node), wish, then);
  }

  signature(id: number, record: Uint8Array): void {
    this.#streamed.keep(id, decodeSignature(record));
  }

  drop(id: number): void {
    this.#streamed.drop(id);
  }

  left(node: TreeNode, row: number): void {
    this.#streamed.left(this.#of(node), row);
  }

  /** What it meets the other end tells by itself. */
  remove(...[directory, { rows }, then]: Parameters<FarSource["remove"]>): void {
    const indices = this.#known.get(directory)?.indices ?? [];
    for (const row of rows) this.#puller?.out.success(indices[row] as number);
    setImmediate(() => then([]));
  }

  skip({ known, children }: TreeNode, index: number): void {
    const name = children?.listing.name(index);
    if (name === undefined || this.#isLooking) return;
    const path = joinPath(known.path, name);
    this.#skipped.add(path);
    for (const [at, directory] of this.#arrived) {
      if (!this.#skipped.has(at)) continue;
      this.#arrived.delete(at);
      this.#settle(directory);
    }
  }

  release(node: TreeNode): void {
    const directory = this.#known.get(node.far);
    if (directory === undefined) return;
    this.#settle(directory);
    if (!this.#isLooking) this.#known.delete(node.far);
  }

  settled(node: TreeNode): void {
    this.#settle(this.#of(node));
  }

  #of(node: TreeNode): PulledDirectory {
    const directory = this.#known.get(node.far);
    assert(directory !== undefined, "A directory that is asked about has come.");
    return directory;
  }

  #settle(directory: PulledDirectory): void {
    if (!this.#isLooking) this.#parts.settle(directory);
  }

  // What the other end says.

  rules(rules: readonly ByteString[]): void {
    this.#listener.rules?.(rules);
  }

  names(users: IdNames, groups: IdNames): void {
    this.directories.learn(users, groups);
  }

  list(list: PulledList): void {
    this.ioError(list.errors);
    if (!this.directories.isIncremental) this.directories.countLinks(list.entries);
    const taken = this.directories.take(list);
    this.#parts.add(taken[0]?.part ?? { unsettled: 0 });
    for (const directory of taken) this.#complete(directory);
    this.#begin();
    this.#parts.goOn();
  }

  #complete(directory: PulledDirectory): void {
    const { path } = directory;
    this.#incomplete.add(path);
    const listed = this.directories.listedXattrs(directory);
    this.#xattrs.complete(listed, () => {
      this.#incomplete.delete(path);
      this.#arrive(directory);
    });
  }

  xattrs(index: number, values: XattrValues): void {
    this.#xattrs.came(index, values);
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#listener.began();
  }

  #arrive(directory: PulledDirectory): void {
    const { path } = directory;
    if (this.#isQuiet || this.#skipped.has(path)) {
      this.#settle(directory);
      return;
    }
    const then = this.#awaited.get(path);
    if (then === undefined || this.#isLooking) this.#arrived.set(path, directory);
    if (then === undefined) return;
    this.#awaited.delete(path);
    then(this.#listingOf(directory));
  }

  listsEnd(): void {
    this.#parts.hasAllLists = true;
    for (const [path, then] of this.#awaited) {
      if (this.#incomplete.has(path)) continue;
      this.#awaited.delete(path);
      setImmediate(() => then("closed"));
    }
    this.#parts.goOn();
  }

  answer({ index }: ItemHeader): FileSink {
    this.#isVanishing = false;
    const sink = this.#content.answer(index) ?? this.#streamed.answer(index);
    if (sink === undefined) throw brokenProtocol(`entry ${index} comes without being asked for`);
    return sink;
  }

  noSend(index: number): void {
    const errno = this.#isVanishing ? vanished : refused;
    this.#isVanishing = false;
    if (!this.#content.noSend(index, errno)) this.#streamed.noSend(index, errno);
  }

  ioError(errors: number): void {
    this.#errors |= errors;
  }

  get isIncomplete(): boolean {
    return (this.#errors & listError.general) !== 0;
  }

  text(kind: TextKind, text: ByteString): void {
    if (isAboutVanished(text)) this.#isVanishing = true;
    const event = textEvent(kind, text);
    if (event !== undefined) this.#listener.tell(event);
  }

  /** The exit status of the program at the other end, where that is known. */
  status = 0;

  ended(_statistics: unknown, error: ManifoldError | undefined): void {
    this.#isOver = true;
    this.status = Number(error?.data.status ?? 0);
    this.#begin();
    this.#over?.();
  }

  failed(error: ManifoldError): void {
    this.#isOver = true;
    this.#listener.failed(error);
    this.#over?.();
  }
}
