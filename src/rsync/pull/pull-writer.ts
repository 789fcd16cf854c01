// What the receiving end writes: requests and items, of which it remembers what has not come back, and ends of phases.

import type { ByteString } from "../../base/index.ts";
import type { Signature } from "../../delta/index.ts";
import type { Channel } from "../../transport/index.ts";
import { encodeItemHeader, hasXattrPart, type ItemHeader, itemFlag } from "../item/item-header.ts";
import { type DeletionCounts, encodeDeletions } from "../item/statistics.ts";
import { encodeSumHead, encodeSums, headOf, noSums, type SumHead } from "../item/sum-head.ts";
import { encodeWantedXattrs } from "../item/xattr-values.ts";
import { FrameSender } from "../wire/frame-sender.ts";
import { IndexCoder, indexDeletions, indexDone } from "../wire/index-code.ts";
import { tag } from "../wire/message-tags.ts";
import type { PullTerms } from "./pull-listener.ts";

/** The protocol from which on names travel like everything else. */
const namesInFrames = 31;
/** The longest blocks that may be spoken of. */
const blockBytes = 131_072;
const strongBytes = 2;

/** One direction. */
export class PullWriter {
  readonly frames: FrameSender;
  readonly #indices = new IndexCoder();
  /** What has not come, by index. */
  readonly #asked = new Map<number, SumHead>();
  /** Items that were said and have not been said again, by index. */
  readonly #said = new Map<number, number>();

  readonly #channel: Channel;
  readonly #terms: PullTerms;
  readonly #tellsSums: boolean;

  constructor(channel: Channel, terms: PullTerms) {
    this.#channel = channel;
    this.#terms = terms;
    this.#tellsSums = tellsSums(terms);
    this.frames = new FrameSender(channel);
  }

  /** Something that was asked for has not come. */
  get isWaiting(): boolean {
    return this.#asked.size > 0;
  }

  /** Asks for the content of a regular file; with sums of what there is of it. */
  request(index: number, flags: number, signature: Signature | undefined): void {
    const told = this.#tellsSums ? signature : undefined;
    this.#ask(index, flags, told === undefined ? noSums : headOf(told), told);
  }

  /** Asks for what a regular file has behind its first `offset` bytes: --append was among the words. */
  requestFrom(index: number, flags: number, offset: number): void {
    this.#ask(index, flags, offset === 0 ? noSums : headOfLength(offset), undefined);
  }

  #ask(index: number, flags: number, head: SumHead, signature: Signature | undefined): void {
    const { writer } = this.frames;
    this.#asked.set(index, head);
    this.#header(index, flags | itemFlag.transfer, undefined, []);
    encodeSumHead(writer, head);
    if (signature !== undefined && head.count > 0) encodeSums(writer, signature);
    this.frames.written();
  }

  /** Names the files that are meant, a NUL behind each: --files-from=- and --from0 were among the words. */
  names(names: Uint8Array, protocol: number): void {
    const text = new Uint8Array(names.length + 1);
    text.set(names);
    if (protocol >= namesInFrames) {
      this.frames.writer.raw(text);
      this.frames.written();
    } else {
      this.frames.flush();
      this.#channel.send(text);
    }
  }

  /** Tells of an entry that something was done, or would be, for which no content is needed. */
  item(index: number, flags: number, name: ByteString | undefined): void {
    this.#header(index, flags, name, []);
    this.#said.set(index, (this.#said.get(index) ?? 0) + 1);
    this.frames.written();
  }

  /** Asks for long values of an entry's extended attributes, by their places in the set, ascending: they come with the item. */
  askXattrs(index: number, places: readonly number[]): void {
    this.#header(index, itemFlag.xattrs, undefined, places);
    this.#said.set(index, (this.#said.get(index) ?? 0) + 1);
    this.frames.written();
  }

  #header(
    index: number,
    flags: number,
    name: ByteString | undefined,
    places: readonly number[],
  ): void {
    const { writer } = this.frames;
    encodeItemHeader(writer, this.#indices, { index, flags, basis: undefined, name });
    if (hasXattrPart(this.#terms, flags)) encodeWantedXattrs(writer, places);
  }

  /** An item comes back; says whether nothing follows it. */
  isSaidAgain({ index, flags }: ItemHeader): boolean {
    const said = this.#said.get(index) ?? 0;
    const isTransfer = (flags & itemFlag.transfer) !== 0;
    if (said === 0 || (isTransfer && this.#asked.has(index))) return false;
    if (said > 1) this.#said.set(index, said - 1);
    else this.#said.delete(index);
    return true;
  }

  /** Returns the head of what was asked for; undefined = nobody did. */
  askedHead(index: number): SumHead | undefined {
    return this.#asked.get(index);
  }

  /** It has come, or will not; says whether it was asked for. */
  takeAsked(index: number): boolean {
    return this.#asked.delete(index);
  }

  /** Says that a file has its place here, and may go there: --remove-source-files was among the words. */
  success(index: number): void {
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setInt32(0, index, true);
    this.frames.message(tag.success, payload);
  }

  /** Says the end of a phase. */
  done(): void {
    this.#indices.write(this.frames.writer, indexDone);
    this.frames.written();
  }

  /** Says how much was deleted. */
  deletions(counts: DeletionCounts): void {
    this.#indices.write(this.frames.writer, indexDeletions);
    encodeDeletions(this.frames.writer, counts);
  }
}

/** Returns the head that says that the first `length` bytes of a file are there (--append): no sums follow it. */
function headOfLength(length: number): SumHead {
  const count = Math.ceil(length / blockBytes);
  const blockLength = Math.min(length, blockBytes);
  return { count, blockLength, strongLength: strongBytes, remainder: length % blockBytes };
}

/** Says whether sums of blocks are told: "zlib" compresses by what matched as well, which is not here; so nothing may match. */
function tellsSums({ compression, withoutSums }: PullTerms): boolean {
  return compression !== "zlib" && withoutSums !== true;
}
