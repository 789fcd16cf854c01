// The header of a datagram: 24 bytes in the clear, in network order. docs/design/datagram.md draws it.

import { formatVersion } from "./limits.ts";

/** Bytes of the header. */
export const headBytes = 24;

/** What a datagram brings; 0 and above 4 are not valid. */
export const kinds = {
  /** Blocks, from `block` on. */
  data: 1,
  /** Nothing: it shows that datagrams come through. */
  probe: 2,
  /** Nothing: `block` says how many blocks have been sent at least once. */
  idle: 3,
  /** What the receiver of a pair reports. */
  report: 4,
} as const;

/** A kind's number. */
export type Kind = (typeof kinds)[keyof typeof kinds];

/** In the flags: whoever gets this reports at once. */
export const flagPoll = 1;
/** In the flags: the blocks were sent before. */
export const flagRepair = 2;

/** What a header says. One object is filled again and again: the receiving loop makes none. */
export class Head {
  kind: number = kinds.data;
  flags = 0;
  epoch = 0;
  session = 0;
  counter = 0;
  block = 0;
  count = 0;
}

const word = 2 ** 32;

/** Writes the header to the start of `target`. */
export function writeHead(target: Uint8Array, head: Readonly<Head>): void {
  const view = new DataView(target.buffer, target.byteOffset, headBytes);
  view.setUint8(0, (formatVersion << 4) | head.kind);
  view.setUint8(1, head.flags);
  view.setUint16(2, head.epoch);
  view.setUint32(4, head.session);
  view.setUint32(8, Math.floor(head.counter / word));
  view.setUint32(12, head.counter % word);
  view.setUint16(16, Math.floor(head.block / word));
  view.setUint32(18, head.block % word);
  view.setUint16(22, head.count);
}

/** Reads the header into `head`; false = this is no datagram of ours. Nothing in it is to be believed before the seal is checked. */
export function readHead(bytes: Uint8Array, head: Head): boolean {
  if (bytes.length < headBytes) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, headBytes);
  const first = view.getUint8(0);
  head.kind = first & 0x0f;
  head.flags = view.getUint8(1);
  head.epoch = view.getUint16(2);
  head.session = view.getUint32(4);
  head.counter = view.getUint32(8) * word + view.getUint32(12);
  head.block = view.getUint16(16) * word + view.getUint32(18);
  head.count = view.getUint16(22);
  return first >> 4 === formatVersion && head.kind >= kinds.data && head.kind <= kinds.report;
}

/** Returns the session that a datagram says it is of; undefined = it is too short to be one of ours. */
export function sessionOf(bytes: Uint8Array): number | undefined {
  if (bytes.length < headBytes) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, headBytes).getUint32(4);
}
