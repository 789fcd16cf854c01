// Lines of a file that comes in pieces: how every catalog that is text is read.

import { type ByteString, fromBytes, ManifoldError } from "../base/index.ts";

/** Bytes of a line; longer ones are nobody's catalog. */
export const catalogLineMax = 64 * 1024;

/** Cuts bytes into lines, without their ends ("\n" or "\r\n"). */
export class Lines {
  readonly #take: (line: ByteString) => void;
  readonly #catalog: string;
  #held: ByteString = "";

  /** `catalog` names the file in messages. */
  constructor(catalog: string, take: (line: ByteString) => void) {
    this.#catalog = catalog;
    this.#take = take;
  }

  push(bytes: Uint8Array): void {
    const text = this.#held + fromBytes(bytes);
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.#give(text.slice(start, end));
      start = end + 1;
    }
    this.#held = text.slice(start);
    this.#check(this.#held);
  }

  /** Gives what stands after the last line end. */
  end(): void {
    if (this.#held !== "") this.#give(this.#held);
    this.#held = "";
  }

  #give(line: ByteString): void {
    this.#check(line);
    this.#take(line.endsWith("\r") ? line.slice(0, -1) : line);
  }

  #check(line: ByteString): void {
    if (line.length <= catalogLineMax) return;
    throw new ManifoldError(
      "protocol-data",
      `${this.#catalog} has a line of more than ${catalogLineMax} bytes`,
    );
  }
}
