// What is to be brought, as whoever conducts writes it down for all: one large file, or a bundle of small ones whose
// contents lie one behind the other in one file. It is cut into pieces in a way that follows from it.

import { type ByteString, type Random, toBytes } from "../../base/index.ts";
import { isGoodPath } from "../../changeset/index.ts";
import { digestOf } from "../../hash/index.ts";

/** A file that is wanted. */
export interface OrderedFile {
  readonly path: ByteString;
  readonly size: number;
  /** As the reference tells it; undefined = it does not. */
  readonly mtime: number | undefined;
  readonly mtimeNanos: number | undefined;
  /** The reference's listing has a digest of it: its time need not agree. */
  readonly isProven: boolean;
}

/** An order. */
export interface OrderRecord {
  /** What is wanted, and which time it is: an order that is over is never taken up again. */
  readonly key: string;
  readonly files: readonly OrderedFile[];
}

/** A part of an order that one process brings. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  /** Files of which it has something. */
  readonly first: number;
  readonly last: number;
}

const kibi = 1024;
const mebi = 1024 * 1024;
const keyBytes = 16;
/** What a key looks like. */
export const keyForm = /^[0-9a-f]{40}$/;
/** Pieces of a large file: about so many, within these bounds. */
const piecesAim = 1024;
const pieceBytesMin = 256 * kibi;
const pieceBytesMax = 16 * mebi;
const pieceAlign = 64 * kibi;
/** A piece of a bundle ends when it has so many bytes or files. */
const bundlePieceBytes = 256 * kibi;
const bundlePieceFiles = 32;
/** Of one order. Arbitrary, above what is ever written. */
export const orderFilesMax = 4096;

/** Makes the order of files; `keyOf`: gives it a key, which begins with what follows from the files. */
export function orderOf(
  files: readonly OrderedFile[],
  keyOf: (what: string) => string,
): OrderRecord {
  const words = files.map(({ path, size, mtime, mtimeNanos }) => {
    return `${path}\0${size}\0${mtime ?? ""}.${mtimeNanos ?? ""}`;
  });
  const digest = digestOf("blake3", toBytes(words.join("\0\0")));
  return { key: keyOf(Buffer.from(digest.subarray(0, keyBytes)).toString("hex")), files };
}

/** Returns the part of a key that follows from the files. */
export function whatOf(key: string): string {
  return key.slice(0, 2 * keyBytes);
}

/** Returns a key of files that nobody has used. */
export function freshKey(what: string, random: Random): string {
  return what + random.uint32().toString(16).padStart(8, "0");
}

/** Returns where each file's content begins in the order's, and where the last one ends. */
export function startsOf({ files }: OrderRecord): number[] {
  const starts = [0];
  for (const { size } of files) starts.push((starts.at(-1) as number) + size);
  return starts;
}

/** Returns the pieces of an order. */
export function piecesOf({ files }: OrderRecord): Piece[] {
  const [only, ...more] = files;
  if (only === undefined) return [];
  return more.length === 0 ? cutFile(only.size) : cutBundle(files);
}

function cutFile(size: number): Piece[] {
  const even = Math.ceil(size / piecesAim / pieceAlign) * pieceAlign;
  const length = Math.min(pieceBytesMax, Math.max(pieceBytesMin, even));
  const pieces: Piece[] = [];
  for (let from = 0; from < size; from += length) {
    pieces.push({ from, to: Math.min(size, from + length), first: 0, last: 0 });
  }
  return pieces;
}

function cutBundle(files: readonly OrderedFile[]): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let to = 0;
  let first = 0;
  for (const [index, { size }] of files.entries()) {
    to += size;
    const isEnd = index === files.length - 1;
    const isFull = to - from >= bundlePieceBytes || index - first + 1 >= bundlePieceFiles;
    if (!isEnd && !isFull) continue;
    pieces.push({ from, to, first, last: index });
    from = to;
    first = index + 1;
  }
  return pieces;
}

/** Says whether what came from a file is an order: anybody may have written it. */
export function isOrder(value: unknown): value is OrderRecord {
  if (typeof value !== "object" || value === null) return false;
  const { key, files } = value as Partial<OrderRecord>;
  if (typeof key !== "string" || !keyForm.test(key)) return false;
  if (!Array.isArray(files) || files.length === 0 || files.length > orderFilesMax) return false;
  return files.every(isOrderedFile);
}

function isOrderedFile(value: unknown): value is OrderedFile {
  if (typeof value !== "object" || value === null) return false;
  const { path, size, mtime, mtimeNanos, isProven } = value as Partial<OrderedFile>;
  const isTime = (time: unknown): boolean => time === undefined || Number.isSafeInteger(time);
  const isPath = typeof path === "string" && path !== "" && isGoodPath(path);
  const hasSize = Number.isSafeInteger(size) && (size ?? 0) > 0;
  return isPath && hasSize && isTime(mtime) && isTime(mtimeNanos) && typeof isProven === "boolean";
}
