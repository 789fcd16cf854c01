// Cuts the content of a rule file into rule texts: by lines (LF, CR or CRLF), by NUL with --from0,
// or by white space for word-split merges. Comments and empty lines are dropped here.

import { type ByteString, fromBytes } from "../../base/index.ts";

/** One rule text and where it stood. */
export interface RuleText {
  readonly text: ByteString;
  /** 1-based line (or NUL-ended record), 0 when the file was read by words. */
  readonly line: number;
}

/** How a rule file is cut. */
export interface TextLayout {
  readonly words: boolean;
  /** Records end with NUL; in a file read by words NUL is one more separator. */
  readonly from0: boolean;
}

/** Yields the rule texts of a file's content in order. */
export function* ruleTexts(content: Uint8Array, layout: TextLayout): Generator<RuleText> {
  const all = fromBytes(content);
  const separators = layout.words
    ? blanks + (layout.from0 ? "\0" : "")
    : layout.from0
      ? "\0"
      : "\r\n";
  let line = 1;
  let start = 0;
  while (start <= all.length) {
    let end = start;
    while (end < all.length && !separators.includes(all[end] as string)) end++;
    // Without --from0 a NUL ends the text, as it did for every C program before us.
    const record = all.slice(start, end);
    const nul = record.indexOf("\0");
    const text = nul < 0 ? record : record.slice(0, nul);
    const comment = !layout.words && (text[0] === "#" || text[0] === ";");
    if (text !== "" && !comment) yield { text, line: layout.words ? 0 : line };
    const pair = !layout.from0 && all[end] === "\r" && all[end + 1] === "\n";
    start = end + (pair ? 2 : 1);
    line++;
  }
}

/** The white space of C's isspace(). */
export const blanks = " \t\n\v\f\r";

/** Cuts a text at white space. */
export function splitWords(text: ByteString): ByteString[] {
  return text.split(/[ \t\n\v\f\r]+/).filter((word) => word !== "");
}
