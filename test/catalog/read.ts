// Reads a catalog in pieces, as tests want it: entries by path, in one line each.

import { toBytes } from "../../src/base/index.ts";
import type { CatalogEntry, CatalogReader, EntrySink } from "../../src/catalog/index.ts";

/** Reads the text (bytes, one character each) in pieces of `step` bytes. */
export function readEntries(
  text: string,
  open: (sink: EntrySink) => CatalogReader,
  step = text.length,
): CatalogEntry[] {
  const entries: CatalogEntry[] = [];
  const reader = open((entry) => void entries.push(entry));
  for (let at = 0; at < text.length; at += step) reader.push(toBytes(text.slice(at, at + step)));
  reader.end();
  return entries;
}

/** "path kind size±slack time/step" with what is not known left out. */
export function brief({ path, kind, size, sizeSlack = 0, time }: CatalogEntry): string {
  const words = [path, kind];
  if (size !== undefined) words.push(sizeSlack === 0 ? `${size}` : `${size}±${sizeSlack}`);
  if (time !== undefined) {
    const iso = new Date(time.seconds * 1000).toISOString().slice(0, 19);
    words.push(`${iso}/${time.step}${time.isZoneKnown ? "Z" : ""}`);
  }
  return words.join(" ");
}
