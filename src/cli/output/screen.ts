// Standard output and standard error as one place: whole lines go through here, in order, and what
// stands unfinished on the last line (a progress display) is ended or wiped first.
//
// Lines are gathered and written in blocks, except on a terminal and under --outbuf=L; tick and
// finish push them out.

import type { ByteString } from "../../base/index.ts";
import { escapeLine } from "./escape.ts";
import type { Output } from "./run-info.ts";
import type { ReportSettings } from "./settings.ts";

/** Bytes gathered before they are written out. */
const blockBytes = 32 * 1024;

/** The two standard streams. */
export class Screen {
  readonly #settings: ReportSettings;
  readonly #output: Output;
  #held = "";
  /** Columns that the live line fills; 0 = there is none. */
  #liveWidth = 0;
  /** Rows of it above the one with the cursor. */
  #liveRows = 0;
  /** Something without a newline stands on the last line. */
  #unfinished = false;

  constructor(settings: ReportSettings, output: Output) {
    this.#settings = settings;
    this.#output = output;
  }

  /** Writes a line of information: escaped, with its newline. Dropped by -q. */
  line(text: ByteString): void {
    if (this.#settings.quiet || this.#settings.infoStream === "nowhere") return;
    const unfinished = this.#endUnfinished();
    this.#info(`${unfinished}${escapeLine(text, this.#settings.escape)}\n`);
  }

  /** Writes a line to standard error: escaped, with its newline. */
  errorLine(text: ByteString): void {
    if (this.#settings.errorStream === "nowhere") return;
    const unfinished = this.#endUnfinished();
    this.flush();
    this.#output.stderr(bytesOf(`${unfinished}${escapeLine(text, this.#settings.escape)}\n`));
  }

  /**
   * Writes progress as it is. `unfinished` = it stands on the last line until something else comes.
   * Pushed out at once, since somebody watches it.
   */
  progress(text: ByteString, unfinished: boolean): void {
    if (this.#settings.quiet || this.#settings.infoStream === "nowhere") return;
    this.#wipeLive();
    this.#info(text);
    this.#unfinished = unfinished;
    this.flush();
  }

  /** Shows the live line, and rows below it, in place of those before. Only on a terminal. */
  live(text: string, rows: readonly string[] = []): void {
    if (rows.length > 0 || this.#liveRows > 0) {
      this.#liveBlock([text, ...rows]);
      return;
    }
    const blank = " ".repeat(Math.max(0, this.#shownWidth - text.length));
    this.#held += `\r${text}${blank}`;
    if (blank !== "") this.#held += `\r${text}`;
    this.#liveWidth = text.length;
    this.flush();
  }

  /** Several lines: the cursor stays at the end of the last one. */
  #liveBlock(lines: readonly string[]): void {
    this.#wipeLive();
    this.#held += lines.join("\n");
    this.#liveRows = lines.length - 1;
    this.#liveWidth = lines.at(-1)?.length ?? 0;
    this.flush();
  }

  /** Takes the live line away. */
  wipeLive(): void {
    this.#wipeLive();
    this.flush();
  }

  /** Ends an unfinished line with a newline. */
  endLine(): void {
    const unfinished = this.#endUnfinished();
    if (unfinished !== "") this.#info(unfinished);
  }

  /** Writes out what was held back. */
  flush(): void {
    if (this.#held === "") return;
    const bytes = bytesOf(this.#held);
    this.#held = "";
    if (this.#settings.infoStream === "stderr") this.#output.stderr(bytes);
    else this.#output.stdout(bytes);
  }

  #info(text: ByteString): void {
    this.#held += text;
    const isDue = this.#output.isTerminal || this.#settings.isLineBuffered;
    if (isDue || this.#held.length >= blockBytes) this.flush();
  }

  #endUnfinished(): string {
    this.#wipeLive();
    if (!this.#unfinished) return "";
    this.#unfinished = false;
    return "\n";
  }

  /** Columns to be blanked: in a terminal that has become narrower, no more than it has. */
  get #shownWidth(): number {
    return Math.min(this.#liveWidth, Math.max(0, (this.#output.columns || 80) - 1));
  }

  #wipeLive(): void {
    if (this.#liveRows > 0) {
      // Up to the first of them, and clear what is below (ECMA-48: CUU, ED).
      this.#held += `\r\x1b[${this.#liveRows}A\x1b[J`;
      this.#liveRows = this.#liveWidth = 0;
      return;
    }
    if (this.#liveWidth === 0) return;
    this.#held += `\r${" ".repeat(this.#shownWidth)}\r`;
    this.#liveWidth = 0;
  }
}

function bytesOf(text: ByteString): Uint8Array {
  return Buffer.from(text, "latin1");
}
