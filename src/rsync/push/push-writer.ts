// What the sending end writes: lists, and answers in the order of what was asked, which may be there long before their turn.

import type { ByteString } from "../../base/index.ts";
import type { Channel } from "../../transport/index.ts";
import { encodeItemHeader, type ItemHeader } from "../item/item-header.ts";
import { type DeletionCounts, encodeDeletions, encodeStatistics } from "../item/statistics.ts";
import { encodeSumHead } from "../item/sum-head.ts";
import { encodeXattrValues } from "../item/xattr-values.ts";
import { EntryEncoder } from "../list/entry-encoder.ts";
import { encodeIdList, type IdNames } from "../list/id-lists.ts";
import type { WireEntry } from "../list/wire-entry.ts";
import { sayFailure } from "../wire/failure.ts";
import { FrameSender } from "../wire/frame-sender.ts";
import {
  IndexCoder,
  indexDeletions,
  indexDone,
  indexListsEnd,
  indexSubList,
} from "../wire/index-code.ts";
import { tag } from "../wire/message-tags.ts";
import type { WireWriter } from "../wire/wire-writer.ts";
import type { Answer } from "./answer.ts";
import type { PushListener, PushTerms } from "./push-listener.ts";
import type { PhaseEnd, PushPhases } from "./push-phases.ts";

/** Something that is said when everything before it has been. */
type Turn = Answer | (() => void);

/** One direction. */
export class PushWriter {
  readonly frames: FrameSender;
  readonly #terms: PushTerms;
  readonly #phases: PushPhases;
  readonly #listener: Pick<PushListener, "errors" | "statistics" | "xattrs">;
  readonly #channel: Channel;
  readonly #indices = new IndexCoder();
  readonly #entries: EntryEncoder;
  /** Answers and what stands between them, from the oldest on; the first `#gone` have been said. */
  readonly #turns: Turn[] = [];
  #gone = 0;
  /** Lists that go as soon as no file is under way. */
  readonly #lists: (() => void)[] = [];
  #isListing = false;

  constructor(
    channel: Channel,
    terms: PushTerms,
    phases: PushPhases,
    listener: Pick<PushListener, "errors" | "statistics" | "xattrs">,
  ) {
    this.frames = new FrameSender(channel);
    this.#channel = channel;
    this.#terms = terms;
    this.#phases = phases;
    this.#listener = listener;
    this.#entries = new EntryEncoder(terms.list);
  }

  /** What waits for its turn. */
  get waiting(): number {
    return this.#turns.length - this.#gone;
  }

  // Lists.

  /** Begins the one list of a run without incremental recursion. */
  beginList(): void {
    this.#isListing = true;
    this.#entries.begin(0);
  }

  /** Writes an entry of it. */
  entry(entry: WireEntry): void {
    this.#entries.write(this.frames.writer, entry);
    this.frames.written();
  }

  /** Ends it, with the names of owners and groups. */
  endList(errors: number, users: IdNames, groups: IdNames): void {
    const { writer } = this.frames;
    const { owner, group, acls, numericIds, rootNames } = this.#terms.list;
    this.#entries.end(writer, errors);
    if (!numericIds && (owner || acls)) encodeIdList(writer, users, rootNames);
    if (!numericIds && (group || acls)) encodeIdList(writer, groups, rootNames);
    this.#isListing = false;
    this.#phases.listSent();
    this.#phases.hasAllLists = true;
    this.#written();
  }

  /** Sends a whole list of a run with incremental recursion; `directory` is its number, undefined = the first list. */
  subList(
    directory: number | undefined,
    start: number,
    entries: readonly WireEntry[],
    errors: number,
  ): void {
    this.#phases.listSent();
    this.#lists.push(() => {
      const { writer } = this.frames;
      if (directory !== undefined) this.#indices.write(writer, indexSubList - directory);
      this.#entries.begin(start);
      for (const entry of entries) this.#entries.write(writer, entry);
      this.#entries.end(writer, errors);
    });
    this.#goOn();
  }

  /** There are no more lists. */
  endLists(): void {
    this.#phases.hasAllLists = true;
    this.#lists.push(() => this.#indices.write(this.frames.writer, indexListsEnd));
    this.#goOn();
  }

  // Answers.

  /** Makes an answer that is expected from here on. */
  expect(make: (changed: () => void) => Answer): Answer {
    const answer = make(() => this.#goOn());
    this.#turns.push(answer);
    return answer;
  }

  /** Says an item's header again. */
  echo(header: ItemHeader): void {
    this.#turn(() => this.#sayHeader(header));
  }

  #sayHeader(header: ItemHeader): void {
    const { writer } = this.frames;
    encodeItemHeader(writer, this.#indices, header);
    const { index, wantedXattrs } = header;
    if (wantedXattrs !== undefined) {
      encodeXattrValues(writer, this.#listener.xattrs(index, wantedXattrs));
    }
  }

  /** Says counts of deletions again, when this end is the server. */
  echoDeletions(counts: DeletionCounts): void {
    if (!this.#terms.isServer) return;
    this.#turn((writer) => {
      this.#indices.write(writer, indexDeletions);
      encodeDeletions(writer, counts);
    });
  }

  /** Answers an end of a phase. */
  answerEnd(end: PhaseEnd): void {
    this.#turn((writer) => {
      if (end === "last") this.#tellErrors();
      this.#indices.write(writer, indexDone);
      if (end !== "last" || !this.#terms.isServer) return;
      encodeStatistics(writer, this.#listener.statistics());
    });
  }

  #tellErrors(): void {
    const { errors } = this.#listener;
    if (errors === 0) return;
    const payload = new Uint8Array(4);
    payload[0] = errors;
    this.frames.message(tag.ioError, payload);
  }

  /** Says that the run has failed; then `said` is called. */
  abort(text: ByteString, exit: number, said: () => void): void {
    sayFailure(this.frames, text, exit, this.#terms.protocol, said);
  }

  #turn(say: (writer: WireWriter) => void): void {
    this.#turns.push(() => say(this.frames.writer));
    this.#goOn();
  }

  /** Says whatever can be said. */
  #goOn(): void {
    if (this.#isListing) return;
    for (;;) {
      const turn = this.#turns[this.#gone];
      const isInFile = typeof turn === "object" && turn.isBegun;
      if (!isInFile && this.#lists.length > 0) for (const write of this.#lists.splice(0)) write();
      if (turn === undefined || !this.#say(turn)) break;
      this.#gone++;
    }
    if (this.#gone > 1024 || this.#gone === this.#turns.length) {
      this.#turns.splice(0, this.#gone);
      this.#gone = 0;
    }
    this.#written();
  }

  /** Says a turn as far as it is there; says whether that was all of it. */
  #say(turn: Turn): boolean {
    if (typeof turn === "function") {
      turn();
      return true;
    }
    if (turn.state === "refused") {
      this.#refuse(turn);
      return true;
    }
    if (turn.pieces.length === 0 && turn.state === "open") return false;
    const { writer } = this.frames;
    if (!turn.isBegun) {
      turn.isBegun = true;
      this.#sayHeader(turn.header);
      encodeSumHead(writer, turn.head);
    }
    if (turn.pieces.length > 0) this.frames.flush();
    for (const { frames, left } of turn.pieces) this.#channel.send(frames, left);
    turn.pieces.length = 0;
    if (turn.state === "open") return false;
    if (turn.sum !== undefined) writer.raw(turn.sum);
    return true;
  }

  #refuse({ header }: Answer): void {
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setInt32(0, header.index, true);
    this.frames.message(tag.noSend, payload);
  }

  #written(): void {
    this.frames.written();
  }
}
