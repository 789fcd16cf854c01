// The chunks of a piece of a file, as the source's end tells them: the length of each as LEB128, then its digest. They are
// the larger part of what --content-index costs, so that nothing else is said.

import { ChunkList, chunkDigestBytes } from "../delta/index.ts";

const varintBytesMax = 4;

/** Bytes that a list of so many chunks takes at most. */
export function chunkListBytesMax(count: number): number {
  return count * (varintBytesMax + chunkDigestBytes);
}

/** Writes a list to `at`; returns the end. */
export function encodeChunkList(list: ChunkList, into: Uint8Array, at: number): number {
  let end = at;
  const { digests } = list;
  for (let i = 0; i < list.count; i++) {
    let rest = list.length(i);
    for (; rest >= 0x80; rest >>>= 7) into[end++] = (rest & 0x7f) | 0x80;
    into[end++] = rest;
    const from = i * chunkDigestBytes;
    for (let k = 0; k < chunkDigestBytes; k++) into[end++] = digests[from + k] as number;
  }
  return end;
}

/**
 * Reads a list of chunks of at most `lengthMax` bytes that make up `bytes`. Undefined = it is none such. They are added to
 * `list`.
 */
export function decodeChunkList(
  record: Uint8Array,
  { bytes, lengthMax }: { readonly bytes: number; readonly lengthMax: number },
  list = new ChunkList(),
): ChunkList | undefined {
  let left = bytes;
  for (let at = 0; at < record.length; at += chunkDigestBytes) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = record[at++];
      if (byte === undefined || shift >= 7 * varintBytesMax) return undefined;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    left -= length;
    if (length === 0 || length > lengthMax || left < 0) return undefined;
    if (at + chunkDigestBytes > record.length) return undefined;
    list.addKnown(length, record.subarray(at, at + chunkDigestBytes));
  }
  return left === 0 ? list : undefined;
}
