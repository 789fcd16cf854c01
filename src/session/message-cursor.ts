// Reading messages: the cursor of changesets, with errors that speak of the peer.

import { ManifoldError } from "../base/index.ts";
import { CborCursor } from "../changeset/index.ts";

/** Begins to read a message. */
export function openCursor(bytes: Uint8Array, start = 0, end = bytes.length): CborCursor {
  const cursor = new CborCursor();
  cursor.open(bytes, start, end, 0);
  return cursor;
}

/** Begins to read a message that is an array of `count` items. */
export function messageCursor(bytes: Uint8Array, what: string, count: number): CborCursor {
  const cursor = openCursor(bytes);
  if (cursor.array(what, count) !== count) throw cursor.error(what, `it has not ${count} fields`);
  return cursor;
}

/** Runs `read` and turns what breaks the format into the peer's error. */
export function understand<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ManifoldError) || error.code !== "changeset-invalid") throw error;
    const { field, offset } = error.data;
    const says = error.message.slice(error.message.lastIndexOf(": ") + 2);
    throw new ManifoldError(
      "protocol-data",
      `The other end sent a ${what} that breaks the protocol: ${field} at byte ${offset}: ${says}`,
      { data: error.data, cause: error },
    );
  }
}
