// A datagram that is sent, for people (--debug=io).

import { flagRepair, kinds, type Sending } from "../../datagram/index.ts";
import type { NoteEvent } from "../../tree/index.ts";

const names = new Map<number, string>(Object.entries(kinds).map(([name, kind]) => [kind, name]));

/** Returns the words for it. */
export function datagramNote({ kind, flags, counter, block, count, padding }: Sending): NoteEvent {
  const again = (flags & flagRepair) === 0 ? "" : ", again";
  const last = count > 1 ? ` to ${block + count - 1}` : "";
  const what =
    count > 0 ? ` block ${block}${last}${again}` : padding > 0 ? ` ${padding} bytes` : "";
  const text = `datagram ${counter}: ${names.get(kind)}${what}`;
  return { type: "note", topic: "io", level: 1, text };
}
