// Which names and paths a changeset may have, and in which order directories stand. Paths are
// relative to the root, "" is the root itself. Nothing that passes here names anything outside of
// its root, or manifold's own directory.

import { type ByteString, fromBytes, parentPath } from "../base/index.ts";
import { isStateName, stateDirectory } from "../tree/index.ts";
import type { CborCursor } from "./cbor/cursor.ts";
import { limits } from "./limits.ts";

const slash = 0x2f;
const dot = 0x2e;

/** The name of a directory's own attributes among its orders or entries. */
export const selfName = ".";

/** Reads a path and throws unless it is a good one. */
export function readPath(cursor: CborCursor, field: string): ByteString {
  const begin = cursor.at;
  const length = cursor.byteRange(field, limits.pathBytes);
  const { bytes, start, stop } = cursor;
  if (length > 0) {
    let from = start;
    for (let at = start; at <= stop; at++) {
      if (at < stop && bytes[at] !== slash) continue;
      checkName(cursor, field, bytes, from, at, begin);
      from = at + 1;
    }
  }
  return fromBytes(bytes, start, stop);
}

/** Reads the path of an entry: one that is not the root. */
export function readEntryPath(cursor: CborCursor, field: string): ByteString {
  const begin = cursor.at;
  const path = readPath(cursor, field);
  if (path === "") throw cursor.error(field, "the root is not an entry", begin);
  return path;
}

/** Throws unless bytes[start, end) are one good name (hot loop: plain parameters). */
export function checkName(
  cursor: CborCursor,
  field: string,
  bytes: Uint8Array,
  start: number,
  end: number,
  begin: number,
): void {
  const length = end - start;
  const why = (says: string): Error => cursor.error(field, says, begin);
  if (length === 0) throw why("empty name");
  if (length > limits.nameBytes) {
    throw why(`name of ${length} bytes, the limit is ${limits.nameBytes}`);
  }
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === 0) throw why("name with a null byte");
    if (byte === slash) throw why("name with a slash");
  }
  if (bytes[start] !== dot) return;
  if (length === 1) throw why('name "."');
  if (length === 2 && bytes[start + 1] === dot) throw why('name ".."');
  if (length === stateDirectory.length && isStateName(fromBytes(bytes, start, end))) {
    throw why("the name of manifold's own directory");
  }
}

/** Says whether a path is one that readPath() accepts. */
export function isGoodPath(path: ByteString): boolean {
  if (path === "") return true;
  if (path.length > limits.pathBytes || path.includes("\0")) return false;
  return path
    .split("/")
    .every(
      (name) =>
        name !== "" &&
        name !== "." &&
        name !== ".." &&
        name.length <= limits.nameBytes &&
        !isStateName(name),
    );
}

/** Compares two directories by listing order: parents first. */
export function compareDirectories(a: ByteString, b: ByteString): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? -1 : 1;
  return `${a}/` < `${b}/` ? -1 : 1;
}

/** Compares two directories by the order in which they are closed: children first. */
export function compareClosings(a: ByteString, b: ByteString): number {
  if (a === b) return 0;
  if (isBelow(a, b)) return -1;
  return isBelow(b, a) ? 1 : compareDirectories(a, b);
}

/** Compares two entries that are not directories by listing order. */
export function compareFiles(a: ByteString, b: ByteString): number {
  const [aParent, bParent] = [parentPath(a), parentPath(b)];
  if (aParent === bParent) return a === b ? 0 : a < b ? -1 : 1;
  if (isBelow(bParent, aParent)) return -1;
  return isBelow(aParent, bParent) ? 1 : compareDirectories(aParent, bParent);
}

/** Says whether `path` lies below directory `above`. */
export function isBelow(path: ByteString, above: ByteString): boolean {
  if (above === "") return path !== "";
  return path.length > above.length && path.startsWith(above) && path[above.length] === "/";
}
