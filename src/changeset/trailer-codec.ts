// The body of the trailer: like the header a map with words for keys.

import type { CborCursor } from "./cbor/cursor.ts";
import type { CborWriter } from "./cbor/writer.ts";
import { noTotals, type Totals, type Trailer, totalNames } from "./record.ts";

const keys = ["totals", "complete", "exit"] as const;
const wordBytes = 16;
const exitMax = 255;

/** Writes the body; totals of 0 are left out. */
export function encodeTrailer(writer: CborWriter, trailer: Trailer): void {
  const { totals, complete, exit } = trailer;
  writer.map(keys.length);
  writer.text("totals");
  const used = totalNames.filter((name) => totals[name] !== 0);
  writer.map(used.length);
  for (const name of used) {
    writer.text(name);
    writer.int(totals[name]);
  }
  writer.text("complete");
  writer.bool(complete);
  writer.text("exit");
  writer.int(exit);
}

/** Reads the body. */
export function decodeTrailer(cursor: CborCursor): Trailer {
  const begin = cursor.at;
  const seen = new Set<string>();
  const count = cursor.map("trailer", keys.length);
  let totals: Totals | undefined;
  let complete: boolean | undefined;
  let exit: number | undefined;
  for (let n = 0; n < count; n++) {
    const at = cursor.at;
    const key = cursor.text("trailer field", wordBytes);
    if (seen.has(key)) throw cursor.error("trailer field", `${key} stands twice`, at);
    seen.add(key);
    if (key === "totals") totals = decodeTotals(cursor);
    else if (key === "complete") complete = cursor.bool(key);
    else if (key === "exit") exit = cursor.uint(key, exitMax);
    else throw cursor.error("trailer field", `${JSON.stringify(key)} is not known`, at);
  }
  cursor.finish("trailer");
  if (totals === undefined || complete === undefined || exit === undefined) {
    throw cursor.error("trailer", "it lacks totals, complete or exit", begin);
  }
  return { totals, complete, exit };
}

function decodeTotals(cursor: CborCursor): Totals {
  const totals = noTotals();
  const seen = new Set<string>();
  const count = cursor.map("totals", totalNames.length);
  for (let n = 0; n < count; n++) {
    const at = cursor.at;
    const text = cursor.text("total", wordBytes);
    const name = totalNames.find((known) => known === text);
    if (name === undefined || seen.has(text)) {
      throw cursor.error("total", `${JSON.stringify(text)} is not known, or stands twice`, at);
    }
    seen.add(text);
    totals[name] = cursor.uint("total");
  }
  return totals;
}
