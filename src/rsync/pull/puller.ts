// The receiving end of a pull, as a state machine: reads lists and content, writes requests, and keeps to the order in which
// rsync ends a run. What is asked for, and what becomes of it, is decided elsewhere.

import { type ByteString, fromBytes, ManifoldError } from "../../base/index.ts";
import type { Signature } from "../../delta/index.ts";
import type { Channel } from "../../transport/index.ts";
import { checksumBytes } from "../checksums.ts";
import { encodeFilterList } from "../filter-list.ts";
import type { PlainReader } from "../hello/plain-reader.ts";
import { decodeItemHeader, type ItemHeader, itemFlag } from "../item/item-header.ts";
import { PlainTokenReader, type TokenReader } from "../item/plain-tokens.ts";
import { decodeDeletions, decodeStatistics } from "../item/statistics.ts";
import { decodeSumHead, headOf, noSums, type SumHead } from "../item/sum-head.ts";
import { FrameSender } from "../wire/frame-sender.ts";
import { FrameSplitter } from "../wire/frames.ts";
import {
  IndexCoder,
  indexDeletions,
  indexDone,
  indexListsEnd,
  indexSubList,
} from "../wire/index-code.ts";
import { tag } from "../wire/message-tags.ts";
import { WireBuffer } from "../wire/wire-buffer.ts";
import { brokenProtocol, type WireCursor } from "../wire/wire-cursor.ts";
import { ListReader } from "./list-reader.ts";
import { PullPhases } from "./phases.ts";
import { type FileSink, type PullListener, type PullTerms, textKind } from "./pull-listener.ts";
import { headOfLength, RequestWriter } from "./request-writer.ts";

/** Bytes of one entry or header: names, ids, lists of permissions. */
const itemBytesMax = 32 * 1024 * 1024;

type State =
  | "list"
  | "index"
  | "header"
  | "head"
  | "tokens"
  | "sum"
  | "deletions"
  | "statistics"
  | "over";

/** One pull. */
export class Puller {
  readonly terms: PullTerms;
  readonly #channel: Channel;
  readonly #listener: PullListener;
  readonly #out: FrameSender;
  readonly #buffer = new WireBuffer(itemBytesMax);
  readonly #indexIn = new IndexCoder();
  readonly #requests: RequestWriter;
  readonly #lists: ListReader;
  /** What has not come, by index. */
  readonly #asked = new Map<number, SumHead>();
  #state: State = "list";
  #index = 0;
  #header: ItemHeader | undefined;
  #tokens: TokenReader | undefined;
  #sink: FileSink | undefined;
  readonly #phases: PullPhases;
  #statistics: ReturnType<typeof decodeStatistics> | undefined;
  #isOver = false;

  /** Takes the channel over from the handshake. */
  constructor(
    reader: PlainReader,
    terms: PullTerms,
    rules: readonly ByteString[],
    listener: PullListener,
  ) {
    this.terms = terms;
    this.#channel = reader.channel;
    this.#listener = listener;
    this.#out = new FrameSender(reader.channel);
    this.#requests = new RequestWriter(this.#out);
    this.#phases = new PullPhases(terms.protocol, terms.list.incremental);
    this.#lists = new ListReader(terms.list, {
      names: (users, groups) => listener.names(users, groups),
      list: (list) => {
        this.#phases.listCame();
        listener.list(list);
      },
    });
    encodeFilterList(this.#out.writer, rules);
    this.#out.flush();
    const splitter = new FrameSplitter({
      data: (bytes) => this.#buffer.feed(bytes, (cursor) => this.#parse(cursor)),
      message: (messageTag, payload) => this.#message(messageTag, payload),
    });
    reader.listen({
      data: (bytes) => this.#guard(() => splitter.feed(bytes)),
      drained: () => undefined,
      closed: (error) => this.#closed(error),
    });
  }

  /** Asks for the content of a regular file; with sums of what there is of it. */
  request(index: number, flags: number, signature: Signature | undefined): void {
    this.#ask(index, flags, signature === undefined ? noSums : headOf(signature), signature);
  }

  /** Asks for what a regular file has behind its first `offset` bytes: --append was among the words. */
  requestFrom(index: number, offset: number): void {
    this.#ask(index, 0, offset === 0 ? noSums : headOfLength(offset), undefined);
  }

  #ask(index: number, flags: number, head: SumHead, signature: Signature | undefined): void {
    this.#asked.set(index, head);
    this.#requests.request(index, flags, head, signature);
  }

  /** Names the files that are meant: --files-from=- and --from0 were among the words. */
  sendNames(names: readonly ByteString[]): void {
    this.#requests.names(names, this.terms.protocol, this.#channel);
  }

  /** Nothing more is wanted of the oldest list that this has not been said of. */
  finishList(): void {
    this.#phases.listDone();
    this.#requests.done();
  }

  /** Stops and goes on reading. */
  pause(): void {
    this.#channel.pause();
  }
  resume(): void {
    this.#channel.resume();
  }

  /** Breaks the conversation off. */
  destroy(): void {
    this.#isOver = true;
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
    const gone = `${this.#channel.label}: rsync ended the conversation too early`;
    this.#fail(error ?? new ManifoldError("connection-lost", gone));
  }

  #parse(cursor: WireCursor): boolean {
    switch (this.#state) {
      case "list":
        if (this.#lists.read(cursor)) return true;
        this.#state = "index";
        if (!this.terms.list.incremental) this.#listener.listsEnd();
        return true;
      case "index":
        this.#takeIndex(this.#indexIn.read(cursor));
        return true;
      case "header":
        this.#takeHeader(decodeItemHeader(cursor, this.#index));
        return true;
      case "head":
        this.#takeHead(decodeSumHead(cursor, checksumBytes(this.terms.checksums)));
        return true;
      case "tokens":
        if (this.#tokens?.read(cursor) !== true) this.#state = "sum";
        return true;
      case "sum":
        this.#sink?.end(cursor.copy(checksumBytes(this.terms.checksums)));
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
    if (ends > 0 && this.#asked.size > 0) {
      throw brokenProtocol("it ends without what it was asked for");
    }
    for (; ends > 0; ends--) this.#requests.done();
  }

  #sayGoodbye(): void {
    this.#state = "over";
    this.#requests.done();
    // The other end goes first: how it went is of interest where it is a program.
    this.#out.flush();
  }

  #takeHeader(header: ItemHeader): void {
    if ((header.flags & itemFlag.transfer) === 0 || !this.#asked.has(header.index)) {
      throw brokenProtocol(`it answers about entry ${header.index}, which nobody asked for`);
    }
    this.#header = header;
    this.#state = "head";
  }

  #takeHead(head: SumHead): void {
    const header = this.#header as ItemHeader;
    const asked = this.#asked.get(header.index) as SumHead;
    const isSame = head.count === asked.count && head.blockLength === asked.blockLength;
    if (!isSame || head.remainder !== asked.remainder) {
      throw brokenProtocol("it answers about other blocks than it was told of");
    }
    this.#asked.delete(header.index);
    this.#sink = this.#listener.answer(header);
    this.#tokens = new PlainTokenReader(this.#sink, asked.count);
    this.#state = "tokens";
  }

  #message(messageTag: number, payload: Uint8Array): void {
    const kind = textKind(messageTag);
    const number = payload.length === 4 ? new DataView(payload.buffer).getInt32(0, true) : 0;
    if (kind !== undefined) this.#listener.text(kind, fromBytes(payload));
    else if (messageTag === tag.ioError) this.#listener.ioError(number & 7);
    else if (messageTag === tag.noSend) this.#takeNoSend(number);
    else if (messageTag === tag.errorExit) this.#takeErrorExit(number);
    else if (messageTag === tag.success || messageTag === tag.deleted) {
      throw brokenProtocol(`a message with tag ${messageTag} is out of place`);
    }
  }

  /** The other end gives up, and waits until it has been understood. */
  #takeErrorExit(code: number): void {
    this.#out.message(tag.errorExit, new Uint8Array(0));
    const message = `${this.#channel.label}: rsync ended the run with exit status ${code}`;
    this.#channel.end();
    this.#isOver = true;
    this.#listener.failed(new ManifoldError("connection-lost", message, { data: { code } }));
  }

  #takeNoSend(index: number): void {
    if (!this.#asked.delete(index)) {
      throw brokenProtocol(`it does not send entry ${index}, which nobody asked for`);
    }
    this.#listener.noSend(index);
  }
}
