// Cuts bytes of a file into what a basis has and what it has not, and keeps of them what has to be sent.

import { type BlockIndex, blockOffset, matchBlocks, type Signature } from "../../delta/index.ts";
import type { BlockHash } from "../../hash/index.ts";
import type { HeldParts, Segment } from "../../session/index.ts";
import { copyBytes } from "../../transport/index.ts";
import type { ContentRoom } from "./content-room.ts";

/** What bytes are matched with. */
export interface SegmentBasis {
  readonly signature: Signature;
  /** The signature's index, if it is there already. */
  readonly index?: BlockIndex;
  /** Blocks are of use only where they stand, or further on in the file. */
  readonly inPlace: boolean;
  /** The strong sums; by default ours. */
  readonly hash?: BlockHash | undefined;
}

/** A part of a file that is in memory. */
export interface FilePart {
  readonly bytes: Uint8Array;
  /** Where in the file it begins. */
  readonly position: number;
}

/** Returns what the part is made of, from its beginning to its end. */
export function matchSegments(
  { bytes, position: begin }: FilePart,
  { signature, index, inPlace, hash }: SegmentBasis,
): Segment[] {
  const segments: Segment[] = [];
  let position = begin;
  const literal = (length: number): void => {
    const last = segments.at(-1);
    position += length;
    if (last?.kind === "literal") segments.pop();
    const before = last?.kind === "literal" ? last.length : 0;
    segments.push({ kind: "literal", length: before + length });
  };
  matchBlocks(
    {
      signature,
      index,
      ...(hash && { hash }),
      start: begin,
      end: begin + bytes.length,
      read: (into, offset, length, at) => {
        const from = at - begin;
        const got = Math.max(0, Math.min(length, bytes.length - from));
        copyBytes(into, offset, bytes, from, got);
        return got;
      },
    },
    {
      literal: (_bytes, start, end) => literal(end - start),
      copy: (first, count) => {
        const offset = blockOffset(signature, first);
        const length = blockOffset(signature, first + count) - offset;
        // Written in place, what stands before this point is the old file no more.
        if (inPlace && offset < position) literal(length);
        else {
          segments.push({ kind: "basis", offset, length });
          position += length;
        }
      },
    },
  );
  return segments;
}

/** Returns those of the segments, which begin at 0, that lie in [from, to), cut where they cross an end. */
export function cutSegments(segments: readonly Segment[], from: number, to: number): Segment[] {
  const cut: Segment[] = [];
  let at = 0;
  for (const segment of segments) {
    const start = Math.max(from, at);
    const length = Math.min(to, at + segment.length) - start;
    if (length > 0) {
      if (segment.kind !== "basis") cut.push({ kind: segment.kind, length });
      else cut.push({ kind: "basis", offset: segment.offset + start - at, length });
    }
    at += segment.length;
  }
  return cut;
}

/** A shorter stretch costs as much to be told apart as it saves. */
const heldBytesMin = 16;

/** Returns the segments, of which the first begins at `position` of the file, with what is literal and held told apart. */
export function takeHeld(
  segments: readonly Segment[],
  held: HeldParts,
  position: number,
): readonly Segment[] {
  if (held.length === 0) return segments;
  const told: Segment[] = [];
  let [at, part] = [position, 0];
  for (const segment of segments) {
    const end = at + segment.length;
    if (segment.kind !== "literal") {
      told.push(segment);
      at = end;
      continue;
    }
    while (part < held.length && endOfPart(held, part) <= at) part += 2;
    for (let next = part; next < held.length; next += 2) {
      const from = Math.max(at, held[next] as number);
      const to = Math.min(end, endOfPart(held, next));
      if (from >= end) break;
      if (to - from < heldBytesMin) continue;
      if (from > at) told.push({ kind: "literal", length: from - at });
      told.push({ kind: "held", length: to - from });
      at = to;
    }
    if (at < end) told.push({ kind: "literal", length: end - at });
    at = end;
  }
  return told;
}

function endOfPart(held: HeldParts, at: number): number {
  return (held[at] as number) + (held[at + 1] as number);
}

/** Keeps the literal bytes of what lies in the room from `from` on, behind what it is filled with. */
export function keepLiterals(room: ContentRoom, from: number, segments: readonly Segment[]): void {
  let at = from;
  for (const { kind, length } of segments) {
    if (kind === "literal") {
      room.bytes.copyWithin(room.used, at, at + length);
      room.used += length;
    }
    at += length;
  }
}
