// Bytes that wait for their turn: in memory while they are few, else in a file without a name.

import { systemRandom } from "../../base/index.ts";
import type { ByteStore } from "../../changeset/index.ts";
import { openScratchFile, type ScratchFile } from "../../fs/index.ts";

const memoryBytesMax = 16 * 1024 * 1024;

/** A store that grows into a file. */
export class ScratchStore implements ByteStore {
  /** The last bytes, from #position on. */
  readonly #recent = new Uint8Array(memoryBytesMax);
  #used = 0;
  #position = 0;
  #file: ScratchFile | undefined;
  #read = new Uint8Array(0);

  append(bytes: Uint8Array): number {
    if (this.#used + bytes.length > this.#recent.length) this.#spill();
    const position = this.#position + this.#used;
    if (bytes.length > this.#recent.length) {
      this.#openFile().append(bytes);
      this.#position += bytes.length;
    } else {
      this.#recent.set(bytes, this.#used);
      this.#used += bytes.length;
    }
    return position;
  }

  read(position: number, length: number): Uint8Array {
    if (position < this.#position && position + length > this.#position) this.#spill();
    if (position >= this.#position) {
      const start = position - this.#position;
      return this.#recent.subarray(start, start + length);
    }
    if (this.#read.length < length) this.#read = new Uint8Array(length * 2);
    const into = this.#read.subarray(0, length);
    this.#openFile().read(into, position);
    return into;
  }

  /** Lets the file go. */
  close(): void {
    this.#file?.close();
  }

  #spill(): void {
    if (this.#used === 0) return;
    this.#openFile().append(this.#recent.subarray(0, this.#used));
    this.#position += this.#used;
    this.#used = 0;
  }

  #openFile(): ScratchFile {
    this.#file ??= openScratchFile(systemRandom.uint32());
    return this.#file;
  }
}
