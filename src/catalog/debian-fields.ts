// Debian's control files (deb822): paragraphs of "Field: value" with continuation lines that begin with a blank.

import type { ByteString } from "../base/index.ts";
import { ManifoldError } from "../base/index.ts";
import { Lines } from "./lines.ts";

/** Lines of one field: an index of all suites has tens of thousands, no more. */
const fieldLinesMax = 1_000_000;

/** A paragraph: names in lower case; the first line of a field and its further ones. */
export type Paragraph = ReadonlyMap<string, readonly ByteString[]>;

/** Reads paragraphs. The signature around an InRelease file (OpenPGP's clear text form) is taken off, not checked. */
export class ParagraphReader {
  readonly #lines: Lines;
  readonly #catalog: string;
  readonly #take: (paragraph: Paragraph) => void;
  #fields = new Map<string, ByteString[]>();
  #last: ByteString[] | undefined;
  /** Of a signed file: its armour's headers, and what comes after the text. */
  #isOutside = false;
  #isSigned = false;

  constructor(catalog: string, take: (paragraph: Paragraph) => void) {
    this.#catalog = catalog;
    this.#take = take;
    this.#lines = new Lines(catalog, (line) => this.#line(line));
  }

  push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  end(): void {
    this.#lines.end();
    this.#finish();
  }

  #line(line: ByteString): void {
    if (line.startsWith("-----BEGIN PGP")) {
      this.#isOutside = true;
      this.#isSigned = line.includes("SIGNED MESSAGE");
    } else if (line === "" && this.#isOutside && this.#isSigned) this.#isOutside = false;
    else if (this.#isOutside) return;
    else if (/^[ \t]*$/.test(line)) this.#finish();
    else if (/^[ \t]/.test(line)) this.#more(line.trim());
    else this.#field(this.#isSigned && line.startsWith("- ") ? line.slice(2) : line);
  }

  #more(text: ByteString): void {
    if (this.#last === undefined) {
      throw new ManifoldError("protocol-data", `${this.#catalog} begins in the middle of a field`);
    }
    if (this.#last.length >= fieldLinesMax) {
      throw new ManifoldError(
        "protocol-data",
        `${this.#catalog} has a field of more than ${fieldLinesMax} lines`,
      );
    }
    this.#last.push(text);
  }

  #field(line: ByteString): void {
    if (line.startsWith("#")) return;
    const colon = line.indexOf(":");
    if (colon <= 0)
      throw new ManifoldError("protocol-data", `${this.#catalog} has a line that is no field`);
    this.#last = [line.slice(colon + 1).trim()];
    this.#fields.set(line.slice(0, colon).toLowerCase(), this.#last);
  }

  #finish(): void {
    if (this.#fields.size > 0) this.#take(this.#fields);
    this.#fields = new Map();
    this.#last = undefined;
  }
}

/** Returns a field's first line, "" when it is not there. */
export function fieldOf(paragraph: Paragraph, name: string): ByteString {
  return paragraph.get(name)?.[0] ?? "";
}
