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
import type { FarClient, FarSource } from "../conduct/far-ends.ts";
import type { TreeNode } from "../conduct/tree-node.ts";
import type { BelowRecord } from "../tasks/far-tasks.ts";
import { PulledDirectories } from "./pulled-directories.ts";
import type { PulledDirectory } from "./pulled-directory.ts";
import { RsyncAhead } from "./rsync-ahead.ts";
import { RsyncContent } from "./rsync-content.ts";
import type { RsyncDirectories } from "./rsync-directories.ts";
import type { RsyncSourceListener, RsyncSourceOptions } from "./rsync-source-listener.ts";
import { RsyncStreams } from "./rsync-streams.ts";
import { isAboutVanished, textEvent } from "./rsync-texts.ts";
import { RsyncXattrs } from "./rsync-xattrs.ts";

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
  readonly #content: RsyncContent;
  readonly #streamed: RsyncStreams;
  readonly #asksAhead: boolean;
  readonly #pulled: PulledDirectories;
  #hasBegun = false;
  #errors = 0;
  #lastName: ByteString | undefined;
  #isVanishing = false;
  #over: (() => void) | undefined;
  #isOver = false;

  constructor(
    directories: RsyncDirectories,
    listener: RsyncSourceListener,
    { streams, asksAhead, ...xattrs }: RsyncSourceOptions,
  ) {
    this.#asksAhead = asksAhead;
    this.directories = directories;
    this.#pulled = new PulledDirectories({
      record: (directory) => this.#recordOf(directory),
      isNamed: (path) => directories.isAwaited(path),
      done: () => this.#puller?.finishList(),
    });
    this.streams = streams;
    this.#listener = listener;
    const puller = (): Puller => this.#connected;
    this.#xattrs = new RsyncXattrs({ ...xattrs, puller, tell: (event) => listener.tell(event) });
    this.#content = new RsyncContent(puller, this.slabs);
    this.#streamed = new RsyncStreams(puller, this.slabs);
  }

  get #connected(): Puller {
    assert(this.#puller !== undefined, "Whoever is asked is connected.");
    return this.#puller;
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
    this.#pulled.settleAll();
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#over = resolve;
    });
  }

  // What the conductor asks.

  walk(quiet: boolean, { lastName }: { lastName: ByteString | undefined }, ahead: boolean): void {
    this.#pulled.isLooking = quiet;
    this.#lastName = lastName;
    if (!ahead || !this.#asksAhead) return;
    this.#pulled.askAhead(new RsyncAhead(() => this.#connected, this.slabs));
  }

  listing({ known: { path } }: TreeNode, then: Parameters<FarSource["listing"]>[1]): void {
    this.#pulled.listing(path, then);
  }

  #recordOf(directory: PulledDirectory): Uint8Array {
    const lastName = directory.path === "" ? this.#lastName : undefined;
    const { isLooking } = this.#pulled;
    return this.directories.record(directory, this.#errors, { lastName, isLooking });
  }

  below(directory: number): readonly BelowRecord[] {
    return this.#pulled.below(directory);
  }

  surveyedBelow(read: readonly BelowRecord[], quiet: readonly BelowRecord[]): void {
    this.#pulled.surveyedBelow(read, quiet);
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
    const { indices } = this.#pulled.of(directory);
    for (const row of rows) this.#puller?.out.success(indices[row] as number);
    setImmediate(() => then([]));
  }

  skip({ known, children }: TreeNode, index: number): void {
    const name = children?.listing.name(index);
    if (name === undefined || this.#pulled.isLooking) return;
    this.#pulled.skip(joinPath(known.path, name));
  }

  release(node: TreeNode): void {
    this.#pulled.release(node.far);
  }

  settled(node: TreeNode): void {
    this.#pulled.settle(this.#of(node));
  }

  #of(node: TreeNode): PulledDirectory {
    return this.#pulled.of(node.far);
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
    this.#pulled.parts.add(taken[0]?.part ?? { unsettled: 0 });
    for (const directory of taken) this.#complete(directory);
    this.#begin();
    this.#pulled.parts.goOn();
  }

  #complete(directory: PulledDirectory): void {
    this.#pulled.begin(directory);
    const listed = this.directories.listedXattrs(directory);
    this.#xattrs.complete(listed, () => this.#pulled.complete(directory));
  }

  xattrs(index: number, values: XattrValues): void {
    this.#xattrs.came(index, values);
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#listener.began();
  }

  listsEnd(): void {
    this.#pulled.listsEnd();
  }

  answer({ index }: ItemHeader): FileSink {
    this.#isVanishing = false;
    const { ahead } = this.#pulled;
    const sink =
      ahead?.answer(index) ?? this.#content.answer(index) ?? this.#streamed.answer(index);
    if (sink === undefined) throw brokenProtocol(`entry ${index} comes without being asked for`);
    return sink;
  }

  noSend(index: number): void {
    const errno = this.#isVanishing ? vanished : refused;
    this.#isVanishing = false;
    if (this.#pulled.ahead?.noSend(index)) this.#content.refuse(index, errno);
    else if (!this.#content.noSend(index, errno)) this.#streamed.noSend(index, errno);
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
