// Directory indexes in HTML: Apache (fancy, table, plain), nginx, lighttpd, Caddy, Python's http.server and whatever
// resembles them. There is no standard: a link to something one level below is an entry, and the text that follows it
// in its row is looked through for a date and a size. Everything else on the page is scenery.

import { Parser } from "htmlparser2";
import { type ByteString, fromBytes, ManifoldError } from "../base/index.ts";
import { monthNumber, parseIsoTime, utcSeconds } from "./calendar.ts";
import type { CatalogEntry, CatalogReader, CatalogTime, EntrySink } from "./entry.ts";
import { childOf, type IndexPlace } from "./index-place.ts";
import { decodeReferences } from "./references.ts";
import { isStatePath } from "./safe-path.ts";
import { parseSize, type WrittenSize } from "./size-text.ts";

/** Entries of one page. */
export const pageEntriesMax = 2_000_000;
/** Bytes of one page. */
export const pageBytesMax = 512 * 1024 * 1024;
/** Characters that are kept of what follows a link: date and size come first. */
const rowTextMax = 200;
/** Elements that begin or end a row. */
const rowElements: ReadonlySet<string> = new Set([
  "tr",
  "li",
  "hr",
  "pre",
  "ul",
  "ol",
  "table",
  "body",
]);

/** The entry that is being read. */
interface Row {
  readonly name: ByteString;
  readonly isDirectory: boolean;
  text: string;
  time: CatalogTime | undefined;
  size: WrittenSize | undefined;
}

/** Reads one page; the entries are given at its end, each name once. */
export class HtmlIndexReader implements CatalogReader {
  readonly #place: IndexPlace;
  readonly #sink: EntrySink;
  readonly #parser: Parser;
  readonly #found = new Map<ByteString, CatalogEntry>();
  #row: Row | undefined;
  #isInLink = false;
  #bytes = 0;

  constructor(place: IndexPlace, sink: EntrySink) {
    this.#place = place;
    this.#sink = sink;
    this.#parser = new Parser(
      {
        onopentag: (name, attributes) => this.#opened(name, attributes),
        onclosetag: (name) => this.#closed(name),
        ontext: (text) => this.#text(text),
      },
      // What the references stand for is not one byte a character.
      { decodeEntities: false },
    );
  }

  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > pageBytesMax) {
      throw new ManifoldError(
        "protocol-data",
        `A directory index has more than ${pageBytesMax} bytes`,
      );
    }
    this.#parser.write(fromBytes(bytes));
  }

  end(): void {
    this.#parser.end();
    this.#finish();
    const entries = [...this.#found.values()];
    const isKnown = ({ time, size }: CatalogEntry): boolean =>
      time !== undefined || size !== undefined;
    // Where rows have dates or sizes, a link without is from a page's header or footer.
    const hasFacts = entries.some(isKnown);
    for (const entry of entries) if (!hasFacts || isKnown(entry)) this.#sink(entry);
  }

  #opened(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === "a") {
      this.#isInLink = true;
      this.#begin(attributes.href);
    } else if (rowElements.has(name)) this.#finish();
    else if (this.#row !== undefined) {
      // Cells of a table are words of their own.
      this.#text(" ");
      readFacts(this.#row, name, attributes);
    }
  }

  #closed(name: string): void {
    if (name === "a") this.#isInLink = false;
    else if (rowElements.has(name)) this.#finish();
  }

  #text(text: string): void {
    const row = this.#row;
    if (row === undefined || this.#isInLink || row.text.length >= rowTextMax) return;
    row.text += text.slice(0, rowTextMax - row.text.length);
  }

  #begin(href: string | undefined): void {
    const child =
      href === undefined ? undefined : childOf(this.#place, decodeReferences(href).trim());
    // An icon is a link of its own to the same thing.
    if (child !== undefined && child.name === this.#row?.name) this.#row.text = "";
    else {
      this.#finish();
      this.#row = child && { ...child, text: "", time: undefined, size: undefined };
    }
  }

  #finish(): void {
    const row = this.#row;
    this.#row = undefined;
    if (row === undefined || isStatePath(row.name)) return;
    const { time, size } = factsOf(row);
    const isBetter = time !== undefined || size !== undefined || !this.#found.has(row.name);
    if (!isBetter) return;
    if (this.#found.size >= pageEntriesMax) {
      throw new ManifoldError(
        "protocol-data",
        `A directory index has more than ${pageEntriesMax} entries`,
      );
    }
    this.#found.set(row.name, {
      path: row.name,
      kind: row.isDirectory ? "directory" : "file",
      time,
      ...(!row.isDirectory && size !== undefined && { size: size.bytes, sizeSlack: size.slack }),
    });
  }
}

/** Caddy gives exact facts as attributes, and rounded ones as text. */
function readFacts(row: Row, name: string, attributes: Readonly<Record<string, string>>): void {
  if (name === "time" && attributes.datetime !== undefined) {
    const time = parseIsoTime(attributes.datetime);
    if (time !== undefined) row.time = { ...time, step: 1, isZoneKnown: true };
  }
  const exact = attributes["data-size"] ?? (name === "td" ? attributes["data-order"] : undefined);
  if (exact !== undefined && /^\d{1,15}$/.test(exact))
    row.size ??= { bytes: Number(exact), slack: 0 };
}

const dates = [
  /(?<year>\d{4})-(?<month>\d\d|[A-Z][a-z]{2})-(?<day>\d\d)[ T](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d))?/,
  /(?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d))?/,
];

function factsOf(row: Row): { time: CatalogTime | undefined; size: WrittenSize | undefined } {
  const text = row.text.replaceAll("&nbsp;", " ");
  const date = dates.map((pattern) => pattern.exec(text)).find((found) => found !== null);
  if (date === undefined || date === null) {
    return { time: row.time, size: row.size ?? parseSize(firstWord(text)) };
  }
  const time = row.time ?? timeOf(date.groups ?? {});
  return { time, size: row.size ?? parseSize(firstWord(text.slice(date.index + date[0].length))) };
}

/** A size stands between blanks, its unit perhaps apart; descriptions may follow. */
function firstWord(text: string): string {
  return /^\s*(\S+(?: [KMGTPE]i?B?| B| bytes)?)(?:\s|$)/.exec(text)?.[1] ?? "";
}

function timeOf(parts: Readonly<Record<string, string | undefined>>): CatalogTime | undefined {
  const seconds = utcSeconds({
    year: Number(parts.year),
    month: monthNumber(parts.month ?? ""),
    day: Number(parts.day),
    hour: Number(parts.hour),
    minute: Number(parts.minute),
    second: Number(parts.second ?? 0),
  });
  if (seconds === undefined) return undefined;
  return { seconds, nanos: 0, step: parts.second === undefined ? 60 : 1, isZoneKnown: false };
}
