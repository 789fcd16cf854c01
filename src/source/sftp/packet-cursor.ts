// Reads the fields of one packet. Everything that does not fit is a RangeError.

import { type ByteString, fromBytes } from "../../base/index.ts";

/** What a server says of a file; undefined = nothing. */
export interface SftpAttributes {
  readonly size: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** Type and permission bits. */
  readonly mode: number | undefined;
  readonly mtime: number | undefined;
}

const flagSize = 1;
const flagOwners = 2;
const flagMode = 4;
const flagTimes = 8;
const flagExtended = 0x8000_0000;
/** Pairs that nobody here knows are passed over. */
const extensionsMax = 1000;

/** A position in a packet. */
export class PacketCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Says whether something is left. */
  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  u8(): number {
    this.#at++;
    return this.#view.getUint8(this.#at - 1);
  }

  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  u64(): number {
    this.#at += 8;
    const value = Number(this.#view.getBigUint64(this.#at - 8));
    if (!Number.isSafeInteger(value)) throw new RangeError("a number above 2^53");
    return value;
  }

  /** Returns bytes where they lie. */
  slice(): Uint8Array {
    const length = this.u32();
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError(`${length} bytes that are not there`);
    return this.#bytes.subarray(start, this.#at);
  }

  string(): ByteString {
    return fromBytes(this.slice());
  }

  attributes(): SftpAttributes {
    const flags = this.u32();
    const size = (flags & flagSize) !== 0 ? this.u64() : undefined;
    const [uid, gid] = (flags & flagOwners) !== 0 ? [this.u32(), this.u32()] : [];
    const mode = (flags & flagMode) !== 0 ? this.u32() : undefined;
    const [, mtime] = (flags & flagTimes) !== 0 ? [this.u32(), this.u32()] : [];
    const count = (flags & flagExtended) !== 0 ? this.u32() : 0;
    if (count > extensionsMax) throw new RangeError(`${count} extensions`);
    for (let i = 0; i < 2 * count; i++) this.slice();
    return { size, uid, gid, mode, mtime };
  }
}
