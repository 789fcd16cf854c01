// The formats of --out-format and --log-file-format: text with %-escapes. A format is read once
// into pieces; each item then fills them in. Which letters exist and how width and ' work is
// rsyncd.conf(5) "log format"; what an unknown letter does was observed (it stays as it stands).

import type { ByteString } from "../../base/index.ts";
import { formatNumber } from "./numbers.ts";

/** What the escapes of one line stand for. `undefined` = the escape stays in the text. */
export interface ItemFields {
  /** Returns a field's text; %L yields only what follows the arrow. */
  text(letter: string): ByteString | undefined;
  /** Returns a field that is a number of bytes (%l %b %c), undefined for other letters. */
  bytes(letter: string): number | undefined;
  /** The arrow of %L, " -> ", " => " or (for a file that was found under another name) " <- "; "" = there is none. */
  readonly arrow: string;
}

/** An escape: its letter, its text in the format, and how its value is laid out. */
interface Escape {
  readonly letter: string;
  readonly raw: ByteString;
  readonly width: number;
  /** A sign or digits were written, be they only "0". */
  readonly hasWidth: boolean;
  readonly left: boolean;
  readonly zeros: boolean;
  /** The count of ' marks: the level of number formatting. */
  readonly numbers: number;
}

/** A format that was read. */
export type ItemFormat = readonly (ByteString | Escape)[];

/** rsync cuts a field off at its path limit. */
const fieldMax = 4095;
/** rsync takes this many characters of sign and digits as a width. */
const widthDigitsMax = 23;
const escapePattern = /%('*)(-?)(\d*)('*)/y;

/** Reads a format. Nothing is an error: what is no escape is text. */
export function readItemFormat(format: ByteString): ItemFormat {
  const pieces: (ByteString | Escape)[] = [];
  let text = "";
  let at = 0;
  while (at < format.length) {
    const spec = format[at] === "%" ? readEscape(format, at) : undefined;
    if (spec === undefined) text += format[at++];
    else {
      if (text !== "") pieces.push(text);
      text = "";
      pieces.push(spec);
      at += spec.raw.length;
    }
  }
  if (text !== "") pieces.push(text);
  return pieces;
}

function readEscape(format: ByteString, at: number): Escape | undefined {
  escapePattern.lastIndex = at;
  const match = escapePattern.exec(format) as RegExpExecArray;
  const [all, before = "", minus = "", digits = "", after = ""] = match;
  const kept = digits.slice(0, widthDigitsMax - minus.length);
  const length = kept === digits ? all.length : 1 + before.length + minus.length + kept.length;
  const letter = format[at + length];
  if (letter === undefined) return undefined;
  return {
    letter,
    raw: format.slice(at, at + length + 1),
    width: Math.min(Number(kept || 0), fieldMax),
    hasWidth: minus !== "" || kept !== "",
    left: minus !== "",
    zeros: kept.startsWith("0"),
    numbers: before.length + (kept === digits ? after.length : 0),
  };
}

/** Says whether the format contains the escape, "i" for %i. */
export function formatHas(format: ItemFormat, letter: string): boolean {
  return format.some((piece) => typeof piece !== "string" && piece.letter === letter);
}

/** Fills a format in, without newline. */
export function fillItemFormat(format: ItemFormat, fields: ItemFields): ByteString {
  let line = "";
  for (const piece of format) line += typeof piece === "string" ? piece : fill(piece, fields);
  return line;
}

function fill(spec: Escape, fields: ItemFields): ByteString {
  const { letter } = spec;
  if (letter === "%") return pad("%", spec);
  const bytes = fields.bytes(letter);
  if (bytes !== undefined) return pad(formatNumber(bytes, spec.numbers), spec);
  const value = fields.text(letter);
  if (value === undefined) return spec.raw;
  if (letter === "L") return fillLink(value, spec, fields.arrow);
  const isId = letter === "U" || letter === "p" || (letter === "G" && value !== "DEFAULT");
  if (isId && spec.zeros && !spec.left) return value.padStart(spec.width, "0");
  return letter === "C" && value.trim() === "" ? value : pad(value, spec);
}

/** The width counts for the link's text alone; without a link it still takes up its room. */
function fillLink(value: ByteString, spec: Escape, arrow: string): ByteString {
  if (arrow !== "") return arrow + pad(value, spec);
  return spec.hasWidth ? `    ${pad("", spec)}` : "";
}

function pad(value: ByteString, spec: Escape): ByteString {
  const cut = value.length > fieldMax ? value.slice(0, fieldMax) : value;
  return spec.left ? cut.padEnd(spec.width) : cut.padStart(spec.width);
}
