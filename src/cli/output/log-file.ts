// The lines of --log-file: date, process, text; control characters escaped for whoever reads it.

import type { ByteString } from "../../base/index.ts";
import { escapeLine } from "./escape.ts";
import type { Output } from "./run-info.ts";
import { timeText } from "./time-text.ts";

const blockBytes = 32 * 1024;

/** The log of one run; without a file every line is dropped. */
export class LogFile {
  readonly #output: Output;
  readonly #isOpen: boolean;
  #held = "";
  #second = Number.NaN;
  #prefix = "";

  constructor(output: Output, isOpen: boolean) {
    this.#output = output;
    this.#isOpen = isOpen && output.log !== undefined;
  }

  /** Appends a line. */
  line(text: ByteString): void {
    if (!this.#isOpen) return;
    this.#held += `${this.#linePrefix()}${escapeLine(text, "log")}\n`;
    if (this.#held.length >= blockBytes) this.flush();
  }

  /** Writes out what was held back. */
  flush(): void {
    if (this.#held === "") return;
    const bytes = Buffer.from(this.#held, "latin1");
    this.#held = "";
    this.#output.log?.(bytes);
  }

  /** Formatting a date costs more than a line, so it is done once a second. */
  #linePrefix(): string {
    const second = Math.floor(this.#output.clock.wallTime() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = `${timeText(second)} [${this.#output.pid}] `;
    }
    return this.#prefix;
  }
}
