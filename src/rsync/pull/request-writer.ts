// What the receiving end of a pull writes behind the filter list: names of files, requests, ends of lists.

import { type ByteString, toBytes } from "../../base/index.ts";
import type { Signature } from "../../delta/index.ts";
import type { Channel } from "../../transport/index.ts";
import { encodeItemHeader, itemFlag } from "../item/item-header.ts";
import { encodeSumHead, encodeSums, type SumHead } from "../item/sum-head.ts";
import type { FrameSender } from "../wire/frame-sender.ts";
import { IndexCoder, indexDone } from "../wire/index-code.ts";

/** The protocol from which on names travel like everything else. */
const namesInFrames = 31;
/** The longest blocks that may be spoken of. */
const blockBytes = 131_072;
const strongBytes = 2;

/** Writes. */
export class RequestWriter {
  readonly #out: FrameSender;
  readonly #index = new IndexCoder();

  constructor(out: FrameSender) {
    this.#out = out;
  }

  /** Wants a file; `head` and `signature` are about what there is of it. */
  request(index: number, flags: number, head: SumHead, signature: Signature | undefined): void {
    const { writer } = this.#out;
    const about = { index, flags: flags | itemFlag.transfer, basis: undefined, name: undefined };
    encodeItemHeader(writer, this.#index, about);
    encodeSumHead(writer, head);
    if (signature !== undefined && head.count > 0) encodeSums(writer, signature);
    this.#out.written();
  }

  /** Ends a list, or a phase. */
  done(): void {
    this.#index.write(this.#out.writer, indexDone);
    this.#out.written();
  }

  /** Names the files that are meant, where the words said --files-from=- and --from0. */
  names(names: readonly ByteString[], protocol: number, channel: Channel): void {
    const text = `${names.map((name) => `${name}\0`).join("")}\0`;
    if (protocol >= namesInFrames) {
      this.#out.writer.string(text);
      this.#out.written();
    } else channel.send(toBytes(text));
  }
}

/** Returns the head that says that the first `length` bytes of a file are there (--append): no sums follow it. */
export function headOfLength(length: number): SumHead {
  const count = Math.ceil(length / blockBytes);
  const blockLength = Math.min(length, blockBytes);
  return { count, blockLength, strongLength: strongBytes, remainder: length % blockBytes };
}
