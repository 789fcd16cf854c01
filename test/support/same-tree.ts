// Compares two trees and says what differs, one line a path, in the manner of rsync -i.

import { AssertionError } from "node:assert";
import type { TreePlace } from "./place.ts";
import { readTree, type TreeEntry, type TreeSnapshot } from "./read-tree.ts";
import { type ByteString, toBytes } from "./rooms.ts";

/** What can be compared. */
export type TreeAttribute = keyof TreeEntry;

const usual = [
  "kind",
  "content",
  "target",
  "device",
  "size",
  "mtimeNs",
  "mode",
  "uid",
  "gid",
  "linkGroup",
  "xattrs",
] as const satisfies readonly TreeAttribute[];

/** How to compare. */
export interface Comparison {
  /** Attributes to leave out, or a function that says so for one path's attribute. */
  readonly ignore?:
    | readonly TreeAttribute[]
    | ((path: ByteString, attribute: TreeAttribute, entry: TreeEntry) => boolean);
  /** Attributes to compare besides the usual ones: atimeNs, ctimeNs, blocks, identity. */
  readonly also?: readonly TreeAttribute[];
  /** Times are compared after rounding down to a multiple of this; 1 second for 1_000_000_000n. */
  readonly timeResolutionNs?: bigint;
}

/**
 * Throws an AssertionError that lists the differences, unless the trees are the same. Folders (absolute paths)
 * and places are read first; the left one is what is wanted.
 */
export function assertSameTree(
  left: ByteString | TreePlace | TreeSnapshot,
  right: ByteString | TreePlace | TreeSnapshot,
  comparison: Comparison = {},
): void {
  const wanted = toSnapshot(left);
  const found = toSnapshot(right);
  const differences = compareTrees(wanted, found, comparison);
  if (differences.length === 0) return;
  const shown = differences.slice(0, 60);
  if (differences.length > shown.length)
    shown.push(`... and ${differences.length - shown.length} more`);
  throw new AssertionError({
    message: `Trees differ (wanted ${wanted.description}, found ${found.description}):\n${shown.join("\n")}`,
    actual: differences.length,
    expected: 0,
    stackStartFn: assertSameTree,
  });
}

/** Returns one line for every path that differs, in path order; empty when the trees are the same. */
export function compareTrees(
  left: TreeSnapshot,
  right: TreeSnapshot,
  comparison: Comparison = {},
): string[] {
  const lines: [ByteString, string][] = [];
  for (const [path, entry] of left.entries) {
    const other = right.entries.get(path);
    if (other === undefined) lines.push([path, `-${letter(entry)}missing  ${printable(path)}`]);
    else {
      const line = difference(path, entry, other, comparison);
      if (line !== undefined) lines.push([path, line]);
    }
  }
  for (const [path, entry] of right.entries) {
    if (!left.entries.has(path)) lines.push([path, `+${letter(entry)}surplus  ${printable(path)}`]);
  }
  return lines.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
}

function toSnapshot(tree: ByteString | TreePlace | TreeSnapshot): TreeSnapshot {
  return typeof tree !== "string" && "entries" in tree ? tree : readTree(tree);
}

function difference(
  path: ByteString,
  wanted: TreeEntry,
  found: TreeEntry,
  { ignore = [], also = [], timeResolutionNs = 1n }: Comparison,
): string | undefined {
  const ignored = (attribute: TreeAttribute): boolean =>
    typeof ignore === "function" ? ignore(path, attribute, wanted) : ignore.includes(attribute);
  const details: string[] = [];
  const changed = new Set<TreeAttribute>();
  for (const attribute of [...usual, ...also]) {
    if (ignored(attribute)) continue;
    const before = rounded(wanted[attribute], timeResolutionNs);
    const after = rounded(found[attribute], timeResolutionNs);
    if (before === after) continue;
    changed.add(attribute);
    details.push(`${attribute} ${show(attribute, before)} -> ${show(attribute, after)}`);
    // Of another kind: nothing else of the two is comparable.
    if (attribute === "kind") break;
  }
  if (details.length === 0) return undefined;
  return `${changes(changed, wanted)} ${printable(path)}  ${details.join(", ")}`;
}

function rounded(value: TreeEntry[TreeAttribute], resolution: bigint): TreeEntry[TreeAttribute] {
  if (typeof value !== "bigint" || resolution === 1n) return value;
  const rest = ((value % resolution) + resolution) % resolution;
  return value - rest;
}

function changes(changed: ReadonlySet<TreeAttribute>, entry: TreeEntry): string {
  const mark = (attributes: readonly TreeAttribute[], sign: string): string =>
    attributes.some((attribute) => changed.has(attribute)) ? sign : ".";
  return [
    ">",
    letter(entry),
    mark(["kind", "content", "target", "device"], "c"),
    mark(["size"], "s"),
    mark(["mtimeNs"], "t"),
    mark(["mode"], "p"),
    mark(["uid"], "o"),
    mark(["gid"], "g"),
    mark(["linkGroup"], "h"),
    mark(["xattrs"], "x"),
  ].join("");
}

function letter(entry: TreeEntry): string {
  if (entry.kind === "file") return "f";
  if (entry.kind === "directory") return "d";
  if (entry.kind === "symlink") return "L";
  return entry.kind.endsWith("device") ? "D" : "S";
}

function show(attribute: TreeAttribute, value: TreeEntry[TreeAttribute]): string {
  if (typeof value === "bigint") return formatNanoseconds(value);
  if (typeof value === "number")
    return attribute === "mode" ? value.toString(8).padStart(4, "0") : String(value);
  return value === "" ? "none" : printable(value);
}

function formatNanoseconds(time: bigint): string {
  const billion = 1_000_000_000n;
  const rest = ((time % billion) + billion) % billion;
  return `${(time - rest) / billion}s+${rest}ns`;
}

/** Returns the byte string with every byte that is not plain ASCII as a backslash and octal digits. */
export function printable(bytes: ByteString): string {
  if (bytes === "") return ".";
  return Array.from(toBytes(bytes), (byte) =>
    byte > 32 && byte < 127 && byte !== 92
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, "0")}`,
  ).join("");
}
