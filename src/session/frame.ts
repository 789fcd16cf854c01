// Frames: what a session's bytes consist of after the hello. Four bytes of header: kind, and 24 bits of
// payload length, least significant first. The first frame of a message has four bytes more, the
// length of the whole message.

import { RunningChecksum } from "../hash/index.ts";
import { lane } from "./peer.ts";

/** Lanes that exist, 0 to this less one; the low bits of a kind. */
export const laneCount = Object.keys(lane).length;

/** In a kind: the lane. */
export const laneMask = 0x0f;
/** In a kind: the frame begins a message, and the header has its length. */
export const firstFlag = 0x10;
/** In a kind: the message goes on in a later frame of the lane. */
export const moreFlag = 0x20;

/** The kind of a frame that says only that the sender lives. */
export const keepAliveKind = 0x40;
/** The kind of the last frame that an end sends. */
export const goodbyeKind = 0x41;

/**
 * Returns a checksum for each lane whose messages end in one; content has digests of its own, and is too much to be summed
 * up twice. It goes on over all messages of the lane, and begins with the lane's number.
 */
export function laneChecksums(): readonly (RunningChecksum | undefined)[] {
  return Object.values(lane).map((number) =>
    number === lane.content ? undefined : new RunningChecksum(Uint8Array.of(number)),
  );
}

/** Bytes of a header, and of one with a message's length. */
export const headerBytes = 4;
export const firstHeaderBytes = 8;

/** Writes a header at the offset and returns the offset after it. */
export function writeHeader(
  target: Uint8Array,
  at: number,
  kind: number,
  payload: number,
  total: number,
): number {
  target[at] = kind;
  target[at + 1] = payload;
  target[at + 2] = payload >>> 8;
  target[at + 3] = payload >>> 16;
  if ((kind & firstFlag) === 0) return at + headerBytes;
  target[at + 4] = total;
  target[at + 5] = total >>> 8;
  target[at + 6] = total >>> 16;
  target[at + 7] = total >>> 24;
  return at + firstHeaderBytes;
}
