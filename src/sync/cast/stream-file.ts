// The stream as the master has it: written once, read again for repairs and pulls; a file without a name.

import { systemRandom } from "../../base/index.ts";
import { openScratchFile, type ScratchFile } from "../../fs/index.ts";

/** Such a file. */
export class StreamFile {
  readonly blockBytes: number;
  readonly #file: ScratchFile = openScratchFile(systemRandom.uint32());
  #length = 0;
  #isWhole = false;

  constructor(blockBytes: number) {
    this.blockBytes = blockBytes;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Blocks that are there to be sent. */
  get blocks(): number {
    const blocks = this.#length / this.blockBytes;
    return this.#isWhole ? Math.ceil(blocks) : Math.floor(blocks);
  }

  append(bytes: Uint8Array): void {
    this.#file.append(bytes);
    this.#length += bytes.length;
  }

  /** Nothing more comes: the last block is filled up. */
  finish(): void {
    this.#isWhole = true;
    this.#file.truncate(this.blocks * this.blockBytes);
  }

  /** Fills `into` with blocks from this one on. */
  read(block: number, into: Uint8Array): void {
    this.#file.read(into, block * this.blockBytes);
  }

  close(): void {
    this.#file.close();
  }
}
