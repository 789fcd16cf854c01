// Damages changesets, seeded: bytes flipped, cut out and doubled; and, with a knowledge of the format,
// single CBOR items exchanged for hostile ones and records moved about, with all digests made right
// again, so that what lies behind them is reached.

import { createHash } from "node:crypto";
import type { Random } from "../../src/base/index.ts";

/** A piece of a file: the header, or a record. */
interface Piece {
  readonly kind: number;
  readonly body: Uint8Array;
}

const magicBytes = 10;
const digestKinds = new Set([1, 2, 3, 7]);
const trailerKind = 9;

/** Items that no writer would put where they will be put. */
const hostile = [
  "00",
  "20",
  "17",
  "18ff",
  "1affffffff",
  "1b001fffffffffffff",
  "1b0020000000000000",
  "1bffffffffffffffff",
  "3b7fffffffffffffff",
  "40",
  "412e",
  "422e2e",
  "4100",
  "43612f62",
  "462f612f2e2e2f",
  "492e6d616e69666f6c64",
  "492e4d414e49464f4c44",
  "5affffffff",
  "5b7fffffffffffffff",
  "5f41614161ff",
  "60",
  "62c328",
  "80",
  "9affffffff",
  "9b7fffffffffffffff",
  "9fff",
  "a0",
  "baffffffff",
  "bfff",
  "c0f6",
  "d84600",
  "d846410a",
  "d85648000000000000f07f",
  "d85648000000000000f0ff",
  "f4",
  "f5",
  "f6",
  "f7",
  "fb7ff0000000000000",
  "ff",
  "81".repeat(300),
  `58${"ff"}${"61".repeat(255)}`,
  `590100${"61".repeat(256)}`,
  `591001${"61".repeat(4097)}`,
].map((hex) => Buffer.from(hex, "hex"));

/** Returns a damaged copy of an uncompressed file that was made with sha256. */
export function mutate(random: Random, file: Uint8Array): Uint8Array {
  const pick = (count: number): number => random.uint32() % count;
  if (pick(4) === 0) return damageBytes(pick, file);
  const { header, pieces } = cut(file);
  const count = 1 + pick(3);
  for (let n = 0; n < count; n++) damagePieces(pick, header, pieces);
  return join(header, pieces);
}

/** Returns a number below `count`. */
export type Pick = (count: number) => number;

function damageBytes(pick: Pick, file: Uint8Array): Uint8Array {
  const copy = Buffer.from(file);
  const at = pick(copy.length);
  const length = 1 + pick(16);
  switch (pick(5)) {
    case 0:
      copy[at] = (copy[at] as number) ^ (1 << pick(8));
      return copy;
    case 1:
      return copy.subarray(0, at);
    case 2:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
    case 3:
      return Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)]);
    default:
      return Buffer.concat([
        copy.subarray(0, at),
        hostile[pick(hostile.length)] as Uint8Array,
        copy.subarray(at),
      ]);
  }
}

function damagePieces(pick: Pick, header: { body: Uint8Array }, pieces: Piece[]): void {
  const at = pick(pieces.length);
  const piece = pieces[at] as Piece;
  switch (pick(8)) {
    case 0:
      header.body = exchangeItem(pick, header.body);
      return;
    case 1:
      pieces.splice(pick(pieces.length), 0, piece);
      return;
    case 2:
      if (pieces.length > 1) pieces.splice(at, 1);
      return;
    case 3: {
      const other = pick(pieces.length);
      pieces[at] = pieces[other] as Piece;
      pieces[other] = piece;
      return;
    }
    case 4:
      pieces[at] = { ...piece, kind: pick(12) };
      return;
    case 5: {
      const body = Buffer.from(piece.body);
      if (body.length > 0) body[pick(body.length)] = pick(256);
      pieces[at] = { ...piece, body };
      return;
    }
    default:
      pieces[at] = { ...piece, body: exchangeItem(pick, piece.body) };
  }
}

/** Replaces one item, anywhere in the nest, by a hostile one or by another of the same body. */
export function exchangeItem(pick: Pick, body: Uint8Array): Uint8Array {
  const ranges: [number, number][] = [];
  try {
    collectItems(body, 0, ranges);
  } catch {
    // An earlier mutation has made it unreadable: what was found so far will do.
  }
  const [start, end] = ranges[pick(Math.max(ranges.length, 1))] ?? [0, body.length];
  const [from, to] = ranges[pick(Math.max(ranges.length, 1))] ?? [0, 0];
  const other =
    pick(4) === 0 ? body.subarray(from, to) : (hostile[pick(hostile.length)] as Uint8Array);
  return Buffer.concat([body.subarray(0, start), other, body.subarray(end)]);
}

/** Notes where each item of a well-formed body lies; returns where the first ends. Throws where it is none. */
export function collectItems(body: Uint8Array, at: number, ranges: [number, number][]): number {
  const range: [number, number] = [at, at];
  ranges.push(range);
  const { major, value, end } = headAt(body, at);
  let next = end;
  if (major === 2 || major === 3) next += value;
  else if (major === 4 || major === 5) {
    for (let n = 0; n < value * (major - 3); n++) next = collectItems(body, next, ranges);
  } else if (major === 6) next = collectItems(body, next, ranges);
  if (next > body.length) throw new Error("ends early");
  range[1] = next;
  return next;
}

function headAt(bytes: Uint8Array, at: number): { major: number; value: number; end: number } {
  const first = bytes[at] ?? 0;
  const info = first & 31;
  if (info < 24) return { major: first >> 5, value: info, end: at + 1 };
  const width = 1 << (info - 24);
  let value = 0;
  for (let i = 1; i <= width; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return { major: first >> 5, value, end: at + 1 + width };
}

function cut(file: Uint8Array): { header: { body: Uint8Array }; pieces: Piece[] } {
  const head = headAt(file, magicBytes + 1);
  const header = { body: file.subarray(head.end, head.end + head.value) };
  const pieces: Piece[] = [];
  for (let at = head.end + head.value; at < file.length; ) {
    const kind = file[at + 1] as number;
    const { value, end } = headAt(file, at + 2);
    pieces.push({ kind, body: file.subarray(end, end + value) });
    at = end + value + (digestKinds.has(kind) || kind === trailerKind ? 34 : 0);
  }
  return { header, pieces };
}

function join(header: { body: Uint8Array }, pieces: readonly Piece[]): Uint8Array {
  const sha256 = createHash("sha256");
  const parts: Uint8Array[] = [];
  const put = (...bytes: Uint8Array[]): void => {
    for (const part of bytes) {
      sha256.update(part);
      parts.push(part);
    }
  };
  put(Buffer.from("83686d616e69666f6c6401", "hex"), byteString(header.body));
  for (const { kind, body } of pieces) {
    const hasDigest = digestKinds.has(kind) || kind === trailerKind;
    put(Buffer.from([hasDigest ? 0x83 : 0x82, kind]), byteString(body));
    if (!hasDigest) continue;
    const digest =
      kind === trailerKind ? sha256.copy().digest() : createHash("sha256").update(body).digest();
    put(byteString(digest));
  }
  return Buffer.concat(parts);
}

/** Returns the byte string of CBOR with these bytes. */
export function byteString(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const head =
    length < 24
      ? [0x40 + length]
      : length < 256
        ? [0x58, length]
        : [0x5a, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255];
  return Buffer.concat([Buffer.from(head), bytes]);
}
