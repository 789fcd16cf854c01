// The receiving end of a pull, as a state machine: reads lists and content, writes requests, and keeps to the order in which
// rsync ends a run. What is asked for, and what becomes of it, is decided elsewhere.

import { type ByteString, ManifoldError } from "../../base/index.ts";
import { checksumBytes } from "../checksums.ts";
import { encodeFilterList, FilterListReader } from "../filter-list.ts";
import type { PlainReader } from "../hello/plain-reader.ts";
import { type ItemHeader, itemFlag } from "../item/item-header.ts";
import type { TokenReader } from "../item/plain-tokens.ts";
import { type DeletionCounts, decodeDeletions, decodeStatistics } from "../item/statistics.ts";
import { decodeSumHead, isSameBasis, type SumHead } from "../item/sum-head.ts";
import { TokenReaders } from "../item/token-readers.ts";
import { type AnswerHeader, decodeAnswerHeader } from "../item/xattr-values.ts";
import { endedEarly, gaveUp, sayFailure } from "../wire/failure.ts";
import { FrameSplitter } from "../wire/frames.ts";
import {
  IndexCoder,
  indexDeletions,
  indexDone,
  indexListsEnd,
  indexSubList,
} from "../wire/index-code.ts";
import { tag } from "../wire/message-tags.ts";
import type { WatchedChannel } from "../wire/watched-channel.ts";
import { WireBuffer } from "../wire/wire-buffer.ts";
import { brokenProtocol, type WireCursor } from "../wire/wire-cursor.ts";
import { ListReader } from "./list-reader.ts";
import { PullPhases, type PullState } from "./phases.ts";
import { PullFlow } from "./pull-flow.ts";
import type { FileSink, PullListener, PullTerms } from "./pull-listener.ts";
import { takeMessage } from "./pull-messages.ts";
import { PullWriter } from "./pull-writer.ts";

/** Bytes of one entry or header: names, ids, lists of permissions. */
const itemBytesMax = 32 * 1024 * 1024;

/** One pull. */
export class Puller {
  readonly terms: PullTerms;
  /** Where reading is stopped and goes on. */
  readonly flow: PullFlow;
  readonly #channel: WatchedChannel;
  readonly #listener: PullListener;
  /** Requests and items are written here. */
  readonly out: PullWriter;
  readonly #buffer = new WireBuffer(itemBytesMax);
  readonly #indexIn = new IndexCoder();
  readonly #lists: ListReader;
  #state: PullState;
  readonly #rules = new FilterListReader();
  #deletions: DeletionCounts | undefined;
  #index = 0;
  #header: ItemHeader | undefined;
  readonly #readers = new TokenReaders();
  #tokens: TokenReader | undefined;
  #sink: FileSink | undefined;
  readonly #phases: PullPhases;
  #statistics: ReturnType<typeof decodeStatistics> | undefined;
  #isOver = false;
  #isSaying = false;

  constructor(
    reader: PlainReader,
    terms: PullTerms,
    rules: readonly ByteString[],
    listener: PullListener,
  ) {
    this.terms = terms;
    this.#channel = reader.channel;
    this.flow = new PullFlow(reader.channel, () =>
      this.#guard(() => this.#feed(new Uint8Array(0))),
    );
    this.#listener = listener;
    this.out = new PullWriter(reader.channel, terms);
    const { server } = terms;
    this.#phases = new PullPhases(terms.protocol, terms.list.incremental, server !== undefined);
    this.#state = server?.readsRules === true ? "rules" : "list";
    this.#lists = new ListReader(terms.list, {
      names: (users, groups) => listener.names(users, groups),
      list: (list) => {
        this.#phases.listCame();
        listener.list(list);
      },
    });
    if (server === undefined) encodeFilterList(this.out.frames.writer, rules);
    this.out.frames.flush();
    const splitter = new FrameSplitter({
      data: (bytes) => this.#feed(bytes),
      message: (messageTag, payload) =>
        takeMessage(listener, messageTag, payload, {
          noSend: (at) => this.#takeNoSend(at),
          errorExit: (code) => this.#takeErrorExit(code),
          timeout: (seconds) => this.#channel.watch(seconds * 1000),
        }),
    });
    reader.listen({
      data: (bytes) => this.#guard(() => splitter.feed(bytes)),
      drained: () => undefined,
      closed: (error) => this.#closed(error),
    });
  }

  /** Nothing more is wanted of the oldest list that this has not been said of. */
  finishList(): void {
    this.#phases.listDone();
    this.out.done();
  }

  /** A server's end has failed: says why, as far as that can be said. */
  giveUp(text: ByteString, exit: number, protocol: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isSaying = true;
    sayFailure(this.out.frames, text, exit, protocol, () => this.#leave());
  }

  /** A server's end is through: what it has deleted is told, and then the phases end. */
  mayClose(deletions: DeletionCounts | undefined): void {
    this.#deletions = deletions;
    this.#phases.mayClose = true;
    this.#endIfDone();
  }

  /** Breaks the conversation off, unless the last words are on their way. */
  destroy(): void {
    this.#isOver = true;
    this.#readers.close();
    if (!this.#isSaying) this.#channel.destroy();
  }

  /** The last words have left. */
  #leave(): void {
    this.#isSaying = false;
    this.#channel.end();
    this.#channel.destroy();
  }

  #guard(act: () => void): void {
    if (this.#isOver) return;
    try {
      act();
    } catch (error) {
      if (!(error instanceof ManifoldError)) throw error;
      this.#fail(error);
    }
  }

  #fail(error: ManifoldError): void {
    if (this.#isOver) return;
    this.destroy();
    this.#listener.failed(error);
  }

  #closed(error: ManifoldError | undefined): void {
    if (this.#isOver) return;
    // Whoever has nothing to send says so with an empty list, and goes.
    if (this.#state === "over" || (this.#lists.isEmpty && this.#phases.lists > 0)) {
      this.#isOver = true;
      this.#listener.ended(this.#statistics, error);
      return;
    }
    this.#fail(error ?? endedEarly(this.#channel.label));
  }

  #feed(bytes: Uint8Array): void {
    this.#buffer.feed(bytes, (cursor) => this.#parse(cursor));
  }

  #parse(cursor: WireCursor): boolean {
    // Whoever was handed something may have ended it.
    if (this.#isOver) return false;
    switch (this.#state) {
      case "rules":
        if (this.#rules.read(cursor)) return true;
        this.#state = "list";
        this.#listener.rules?.(this.#rules.rules);
        return true;
      case "list":
        if (this.#lists.read(cursor)) return true;
        if (!this.terms.list.incremental) this.#listener.listsEnd();
        break;
      case "index":
        this.#takeIndex(this.#indexIn.read(cursor));
        return true;
      case "header":
        this.#takeHeader(decodeAnswerHeader(cursor, this.#index, this.terms));
        return true;
      case "head":
        this.#takeHead(decodeSumHead(cursor, checksumBytes(this.terms.checksums.name)));
        return true;
      case "tokens":
        if (this.#tokens?.isExpanding && this.flow.holdsBack()) return false;
        if (this.#tokens?.read(cursor) !== true) this.#state = "sum";
        return true;
      case "sum":
        this.#sink?.end(cursor.copy(checksumBytes(this.terms.checksums.name)));
        break;
      case "deletions":
        decodeDeletions(cursor);
        break;
      case "statistics":
        this.#statistics = decodeStatistics(cursor);
        this.#state = "index";
        if (this.#phases.endsWithStatistics) this.#sayGoodbye();
        return true;
      case "over":
        if (cursor.left === 0) return false;
        throw brokenProtocol("it goes on behind its end");
    }
    this.#state = "index";
    return true;
  }

  #takeIndex(index: number): void {
    if (index >= 0) {
      this.#index = index;
      this.#state = "header";
    } else if (index === indexDone) this.#takeDone();
    else if (index === indexDeletions) this.#state = "deletions";
    else if (index === indexListsEnd) {
      if (this.#phases.hasAllLists) throw brokenProtocol("its lists end twice");
      this.#phases.hasAllLists = true;
      this.#listener.listsEnd();
      this.#endIfDone();
    } else if (index <= indexSubList && !this.#phases.hasAllLists) {
      this.#lists.begin(indexSubList - index);
      this.#state = "list";
    } else throw brokenProtocol(`an index is ${index}`);
  }

  #takeDone(): void {
    const after = this.#phases.ended();
    if (after === "statistics") this.#state = "statistics";
    else if (after === "goodbye") this.#sayGoodbye();
    else this.#endIfDone();
  }

  /** All lists are through: nothing is left to be asked for once more, delayed or deleted that the other end minds. */
  #endIfDone(): void {
    let ends = this.#phases.closing();
    const isEarly = ends > 0 && this.out.isWaiting;
    if (isEarly) throw brokenProtocol("it ends without what it was asked for");
    for (; ends > 0; ends--) {
      const tells = ends === 1 && !this.#phases.endsWithStatistics;
      if (tells && this.#deletions !== undefined) this.out.deletions(this.#deletions);
      this.out.done();
    }
  }

  #sayGoodbye(): void {
    this.#state = "over";
    this.out.done();
    // A client goes last: how its server went is of interest where that is a program.
    this.#isOver = this.terms.server !== undefined;
    this.#isSaying = this.#isOver;
    this.out.frames.flush(this.#isOver ? () => this.#leave() : undefined);
    if (this.#isOver) this.#listener.ended(undefined, undefined);
  }

  #takeHeader(header: AnswerHeader): void {
    const { index, flags, xattrValues } = header;
    if (xattrValues !== undefined) this.#listener.xattrs?.(index, xattrValues);
    if (this.out.isSaidAgain(header)) {
      this.#state = "index";
      return;
    }
    if ((flags & itemFlag.transfer) === 0 || this.out.askedHead(index) === undefined) {
      throw brokenProtocol(`it answers about entry ${index}, which nobody asked for`);
    }
    this.#header = header;
    this.#state = "head";
  }

  #takeHead(head: SumHead): void {
    const header = this.#header as ItemHeader;
    const asked = this.out.askedHead(header.index) as SumHead;
    if (!isSameBasis(head, asked)) {
      throw brokenProtocol("it answers about other blocks than it was told of");
    }
    this.out.takeAsked(header.index);
    this.#sink = this.#listener.answer(header);
    this.#tokens = this.#readers.of(this.terms.compression, this.#sink, asked.count);
    this.#state = "tokens";
  }

  /** The other end gives up, and waits until it has been understood. */
  #takeErrorExit(code: number): void {
    this.out.frames.message(tag.errorExit, new Uint8Array(0));
    this.#channel.end();
    this.#isOver = true;
    this.#listener.failed(gaveUp(this.#channel.label, code));
  }

  #takeNoSend(index: number): void {
    if (!this.out.takeAsked(index)) {
      throw brokenProtocol(`it does not send entry ${index}, which nobody asked for`);
    }
    this.#listener.noSend(index);
  }
}
