// The sending end of a run, as a state machine: writes lists, reads what is asked for, and sends answers in the order of the
// requests. What is listed, and where content comes from, is decided elsewhere.

import { type ByteString, fromBytes, ManifoldError } from "../../base/index.ts";
import type { Signature } from "../../delta/index.ts";
import { checksumBytes } from "../checksums.ts";
import { encodeFilterList, FilterListReader, NameListReader } from "../filter-list.ts";
import type { PlainReader } from "../hello/plain-reader.ts";
import { decodeItemHeader, hasXattrPart, type ItemHeader, itemFlag } from "../item/item-header.ts";
import { decodeDeletions } from "../item/statistics.ts";
import { basisLength, decodeSumHead, type SumHead, SumReader } from "../item/sum-head.ts";
import { decodeWantedXattrs } from "../item/xattr-values.ts";
import { textKind } from "../pull/pull-listener.ts";
import { endedEarly, gaveUp } from "../wire/failure.ts";
import { FrameSplitter } from "../wire/frames.ts";
import { IndexCoder, indexDeletions, indexDone } from "../wire/index-code.ts";
import { tag } from "../wire/message-tags.ts";
import type { WatchedChannel } from "../wire/watched-channel.ts";
import { WireBuffer } from "../wire/wire-buffer.ts";
import { brokenProtocol, type WireCursor } from "../wire/wire-cursor.ts";
import { Answer } from "./answer.ts";
import type { PushListener, PushTerms } from "./push-listener.ts";
import { PushPhases } from "./push-phases.ts";
import { PushWriter } from "./push-writer.ts";

/** Bytes of a header, or of what there is of sums, before they are taken. */
const itemBytesMax = 1024 * 1024;
/** Answers that may wait before reading stops. Arbitrary: a request for a large file with sums may be many megabytes. */
const waitingMax = 4096;

type State = "rules" | "names" | "index" | "header" | "head" | "sums" | "deletions" | "over";

/** One push. */
export class Pusher {
  readonly terms: PushTerms;
  /** Lists are written here. */
  readonly out: PushWriter;
  /** It counts what goes through. */
  readonly channel: WatchedChannel;
  readonly #listener: PushListener;
  readonly #buffer = new WireBuffer(itemBytesMax);
  readonly #indexIn = new IndexCoder();
  readonly #rules = new FilterListReader();
  readonly #names = new NameListReader();
  readonly #phases: PushPhases;
  #state: State;
  #index = 0;
  #header: ItemHeader | undefined;
  #sums:
    | { readonly header: ItemHeader; readonly head: SumHead; readonly reader: SumReader }
    | undefined;
  /** With --append: what has been asked for. */
  readonly #appended = new Set<number>();
  #isOver = false;
  #isSaying = false;
  #isPaused = false;

  /** Takes the channel over from the handshake. `rules`: what the other end has to know of filters; undefined = it does not ask. */
  constructor(
    reader: PlainReader,
    terms: PushTerms,
    rules: readonly ByteString[] | undefined,
    listener: PushListener,
  ) {
    this.terms = terms;
    this.channel = reader.channel;
    this.#listener = listener;
    this.#phases = new PushPhases(terms.protocol, terms.list.incremental);
    this.out = new PushWriter(reader.channel, terms, this.#phases, listener);
    this.#state = terms.readsRules ? "rules" : terms.readsNames ? "names" : "index";
    if (rules !== undefined) encodeFilterList(this.out.frames.writer, rules);
    const splitter = new FrameSplitter({
      data: (bytes) => this.#buffer.feed(bytes, (cursor) => this.#parse(cursor)),
      message: (messageTag, payload) => this.#message(messageTag, payload),
    });
    reader.listen({
      data: (bytes) => this.#guard(() => splitter.feed(bytes)),
      drained: () => this.#drained(),
      closed: (error) => this.#closed(error),
    });
  }

  /** Bytes that were sent and have not left. */
  get backlog(): number {
    return this.channel.backlog;
  }

  /** Breaks the conversation off, unless the last words are on their way. */
  destroy(): void {
    this.#isOver = true;
    if (!this.#isSaying) this.channel.destroy();
  }

  /** Tells the other end that the run has failed, as far as it can be told, and ends the conversation. */
  abort(text: ByteString, exit: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isSaying = true;
    this.out.abort(text, exit, () => {
      this.#isSaying = false;
      this.channel.end();
      this.channel.destroy();
    });
  }

  #drained(): void {
    if (this.#isOver) return;
    this.#listener.drained();
    this.#pace();
  }

  /** More requests than can be remembered are not read; answering goes on. */
  #pace(): void {
    const isFull = this.out.waiting > waitingMax;
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.channel.pause();
    else this.channel.resume();
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
    if (this.#state === "over") {
      this.#isOver = true;
      this.#listener.ended(error);
      return;
    }
    this.#fail(error ?? endedEarly(this.channel.label));
  }

  #parse(cursor: WireCursor): boolean {
    switch (this.#state) {
      case "rules":
        if (this.#rules.read(cursor)) return true;
        this.#state = this.terms.readsNames ? "names" : "index";
        if (!this.terms.readsNames) this.#listener.rules(this.#rules.rules, undefined);
        return true;
      case "names":
        if (this.#names.read(cursor)) return true;
        this.#state = "index";
        this.#listener.rules(this.#rules.rules, this.#names.take());
        return true;
      case "index":
        this.#takeIndex(this.#indexIn.read(cursor));
        return true;
      case "header":
        this.#readHeader(cursor);
        return true;
      case "head":
        this.#takeHead(cursor);
        return true;
      case "sums":
        return this.#takeSums(cursor);
      case "deletions": {
        const counts = decodeDeletions(cursor);
        this.#state = "index";
        this.out.echoDeletions(counts);
        this.#listener.deletions(counts);
        return true;
      }
      case "over":
        if (cursor.left === 0) return false;
        throw brokenProtocol("it goes on behind its end");
    }
  }

  #takeIndex(index: number): void {
    if (index === indexDone) this.#takeDone();
    else if (index === indexDeletions) this.#state = "deletions";
    else if (index >= 0 && !this.#phases.isClosing) {
      this.#index = index;
      this.#state = "header";
    } else throw brokenProtocol(`an index is ${index}`);
  }

  #takeDone(): void {
    const end = this.#phases.ended();
    if (end === "list") this.#listener.listDone();
    if (end !== "over") {
      this.out.answerEnd(end);
      return;
    }
    this.#state = "over";
    this.channel.end();
    // How the other end goes is of interest where it is a program; a client waits for this one to go.
    if (!this.terms.isServer) return;
    this.#isOver = true;
    this.#listener.ended(undefined);
  }

  #readHeader(cursor: WireCursor): void {
    const header = decodeItemHeader(cursor, this.#index);
    const has = hasXattrPart(this.terms, header.flags);
    this.#takeHeader(has ? { ...header, wantedXattrs: decodeWantedXattrs(cursor) } : header);
  }

  #takeHeader(header: ItemHeader): void {
    this.#state = "index";
    if ((header.flags & itemFlag.transfer) === 0) {
      this.#listener.item(header);
      this.out.echo(header);
      return;
    }
    if (!this.#phases.takesRequests) throw brokenProtocol("it asks for content too late");
    if (this.terms.dryRun) {
      this.#listener.request(header, undefined);
      this.out.echo(header);
      return;
    }
    this.#header = header;
    this.#state = "head";
  }

  #takeHead(cursor: WireCursor): void {
    const head = decodeSumHead(cursor, checksumBytes(this.terms.checksums.name));
    const header = this.#header as ItemHeader;
    // A second request is for all of a file of which there was more than a beginning.
    if (this.terms.append !== "no" && !this.#appended.has(header.index)) {
      this.#appended.add(header.index);
      this.#state = "index";
      this.#expect(header, head, basisLength(head));
      return;
    }
    const reader = new SumReader(head);
    this.#sums = { header, head, reader };
    this.#state = "sums";
  }

  #expect(header: ItemHeader, head: SumHead, known: Signature | number | undefined): void {
    const answer = this.out.expect((changed) => new Answer(header, head, known, changed));
    this.#listener.request(header, answer);
    this.#pace();
  }

  #takeSums(cursor: WireCursor): boolean {
    const sums = this.#sums;
    if (sums === undefined) return false;
    if (!sums.reader.read(cursor)) {
      // Those of the block that has not come whole wait.
      return false;
    }
    this.#state = "index";
    this.#sums = undefined;
    const { header, head, reader } = sums;
    this.#expect(header, head, head.count > 0 ? reader.signature : undefined);
    return true;
  }

  #message(messageTag: number, payload: Uint8Array): void {
    const kind = textKind(messageTag);
    const number = payload.length === 4 ? new DataView(payload.buffer).getInt32(0, true) : 0;
    if (kind !== undefined) this.#listener.text(kind, fromBytes(payload));
    else if (messageTag === tag.deleted) this.#listener.deleted(fromBytes(payload));
    else if (messageTag === tag.success) this.#listener.success(number);
    else if (messageTag === tag.errorExit) this.#takeErrorExit(number, payload.length === 0);
    else if (messageTag === tag.ioTimeout) this.channel.watch(number * 1000);
    else if (messageTag === tag.noSend || messageTag === tag.ioError) {
      throw brokenProtocol(`a message with tag ${messageTag} is out of place`);
    }
  }

  /** The other end gives up, and waits until it has been understood. */
  #takeErrorExit(code: number, isAnswer: boolean): void {
    if (!isAnswer) this.out.frames.message(tag.errorExit, new Uint8Array(0));
    this.#isOver = true;
    this.channel.end();
    this.#listener.failed(gaveUp(this.channel.label, code));
  }
}
