// Bytes as people write them down, for tests.

import { WireCursor, WireWriter } from "../../src/rsync/index.ts";

/** Returns the bytes that hexadecimal digits spell; spaces do not count. */
export function hex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits.replaceAll(/\s/g, ""), "hex"));
}

/** Returns the digits, in pairs. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Returns what is written. */
export function written(write: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter();
  write(writer);
  return writer.take();
}

/** Returns a cursor over digits. */
export function cursorOf(digits: string): WireCursor {
  return new WireCursor(hex(digits));
}
