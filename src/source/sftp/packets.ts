// Packets of SFTP version 3 (draft-ietf-secsh-filexfer-02): their numbers, written and cut out of a stream.

import type { ByteString } from "../../base/index.ts";

/** Types of packets that are used here. */
export const packet = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  fstat: 8,
  opendir: 11,
  readdir: 12,
  stat: 17,
  readlink: 19,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 200,
  extendedReply: 201,
} as const;

/** Codes of a status. */
export const status = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  unsupported: 8,
} as const;

/** Bytes of one packet: OpenSSH sends up to 256 KiB, and nobody more than what was asked for and some words around it. */
export const packetBytesMax = 1024 * 1024;

/** Parts of a packet: a number of 32 or 64 bits, or bytes with their length before them. */
export type Field =
  | { readonly u32: number }
  | { readonly u64: number }
  | { readonly bytes: ByteString };

/** Returns a packet, with its length. */
export function encodePacket(type: number, fields: readonly Field[]): Uint8Array {
  let length = 1;
  for (const field of fields)
    length += "u32" in field ? 4 : "u64" in field ? 8 : 4 + field.bytes.length;
  const bytes = new Uint8Array(4 + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length);
  bytes[4] = type;
  let at = 5;
  for (const field of fields) {
    if ("u32" in field) view.setUint32(at, field.u32);
    else if ("u64" in field) view.setBigUint64(at, BigInt(field.u64));
    else {
      view.setUint32(at, field.bytes.length);
      bytes.set(Buffer.from(field.bytes, "latin1"), at + 4);
      at += field.bytes.length;
    }
    at += "u64" in field ? 8 : 4;
  }
  return bytes;
}

/** Cuts a stream into packets: each has an array of its own, without its length. */
export class PacketReader {
  readonly #take: (packet: Uint8Array) => void;
  readonly #head = new Uint8Array(4);
  #headUsed = 0;
  #body: Uint8Array | undefined;
  #bodyUsed = 0;

  constructor(take: (packet: Uint8Array) => void) {
    this.#take = take;
  }

  /** Throws RangeError for a length that no packet has. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#body === undefined) {
        this.#head[this.#headUsed++] = bytes[at++] as number;
        if (this.#headUsed === 4) this.#begin();
        continue;
      }
      const room = this.#body.length - this.#bodyUsed;
      const part = bytes.subarray(at, at + room);
      this.#body.set(part, this.#bodyUsed);
      this.#bodyUsed += part.length;
      at += part.length;
      if (this.#bodyUsed === this.#body.length) this.#finish(this.#body);
    }
  }

  #begin(): void {
    const length = new DataView(this.#head.buffer).getUint32(0);
    if (length === 0 || length > packetBytesMax)
      throw new RangeError(`a packet of ${length} bytes`);
    this.#headUsed = 0;
    this.#bodyUsed = 0;
    this.#body = new Uint8Array(length);
  }

  #finish(body: Uint8Array): void {
    this.#body = undefined;
    this.#take(body);
  }
}
