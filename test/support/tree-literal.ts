// Trees as values: what a test wants to exist, written as a literal, and put at a place.
//
//   const tree = treeOf({
//     "a/": { "b.txt": file("x", { mode: 0o600 }), same: hardLink("a/b.txt") },
//     l: symlink("a/b.txt"),
//     empty: "",
//   });
//   writeTree(folder.path, tree);
//
// Names, contents and targets are byte strings: "\xe9" is that byte, not a letter in UTF-8.

import type { Region } from "./place.ts";
import {
  type ByteString,
  toBytes,
  typeBlock,
  typeCharacter,
  typeFifo,
  typeSocket,
} from "./rooms.ts";

/** Attributes to set; what is left out gets a default (mode 0644 or 0755) or stays as made. */
export interface Attributes {
  /** Permission bits. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Whole seconds as a number, or nanoseconds as a bigint. */
  readonly mtime?: number | bigint;
  /** As mtime; default: equal to mtime where that is given. */
  readonly atime?: number | bigint;
  readonly xattrs?: Readonly<Record<ByteString, ByteString>>;
}

/** A regular file: regions of bytes and holes between them. */
export interface FileNode extends Attributes {
  readonly type: "file";
  readonly size: number;
  readonly regions: readonly Region[];
}

/** A directory; order of entries is order of making. */
export interface DirectoryNode extends Attributes {
  readonly type: "directory";
  readonly entries: Map<ByteString, TreeNode>;
}

/** A symbolic link. */
export interface SymlinkNode extends Attributes {
  readonly type: "symlink";
  readonly target: ByteString;
}

/** A FIFO, socket or device. */
export interface SpecialNode extends Attributes {
  readonly type: "special";
  /** The type bits. */
  readonly kind: number;
  readonly major: number;
  readonly minor: number;
}

/** Another name of a non-directory that stands elsewhere in the tree. */
export interface HardLinkNode {
  readonly type: "hard-link";
  /** Path from the top of the tree. */
  readonly to: ByteString;
}

/** Anything a tree can hold. */
export type TreeNode = FileNode | DirectoryNode | SymlinkNode | SpecialNode | HardLinkNode;

/**
 * A directory as a literal: a string or bytes is a file, an object under a name with a slash at the end
 * is a directory, anything else is made by the functions of this file.
 */
export interface TreeLiteral {
  readonly [name: ByteString]: ByteString | Uint8Array | TreeNode | TreeLiteral;
}

/** Returns the tree that the literal describes; `attributes` are the top directory's own. */
export function treeOf(literal: TreeLiteral, attributes: Attributes = {}): DirectoryNode {
  const entries = new Map<ByteString, TreeNode>();
  for (const [key, value] of Object.entries(literal)) {
    const name = key.endsWith("/") ? key.slice(0, -1) : key;
    entries.set(name, nodeOf(value, key.endsWith("/")));
  }
  return { ...attributes, type: "directory", entries };
}

function nodeOf(value: TreeLiteral[string], isDirectory: boolean): TreeNode {
  if (typeof value === "string" || value instanceof Uint8Array) return file(value);
  return isDirectory && !isNode(value) ? treeOf(value) : (value as TreeNode);
}

function isNode(value: TreeNode | TreeLiteral): value is TreeNode {
  return "entries" in value && value.entries instanceof Map;
}

/** A regular file with this content. */
export function file(content: ByteString | Uint8Array, attributes: Attributes = {}): FileNode {
  const bytes = typeof content === "string" ? toBytes(content) : content;
  return { ...attributes, type: "file", size: bytes.length, regions: [{ offset: 0, bytes }] };
}

/** A file of this size with bytes at these offsets and holes elsewhere. */
export function sparse(
  size: number,
  content: Readonly<Record<number, ByteString>> = {},
  attributes: Attributes = {},
): FileNode {
  const regions = Object.entries(content).map(([offset, bytes]) => ({
    offset: Number(offset),
    bytes: toBytes(bytes),
  }));
  return { ...attributes, type: "file", size, regions };
}

/** A directory with attributes of its own. */
export function directory(literal: TreeLiteral, attributes: Attributes = {}): DirectoryNode {
  return treeOf(literal, attributes);
}

/** A symbolic link. */
export function symlink(target: ByteString, attributes: Attributes = {}): SymlinkNode {
  return { ...attributes, type: "symlink", target };
}

/** Another name of the file at this path from the top of the tree. */
export function hardLink(to: ByteString): HardLinkNode {
  return { type: "hard-link", to };
}

/** A named pipe. */
export function fifo(attributes: Attributes = {}): SpecialNode {
  return { ...attributes, type: "special", kind: typeFifo, major: 0, minor: 0 };
}

/** A socket's node. */
export function socket(attributes: Attributes = {}): SpecialNode {
  return { ...attributes, type: "special", kind: typeSocket, major: 0, minor: 0 };
}

/** A character device; needs root on disk. */
export function characterDevice(
  major: number,
  minor: number,
  attributes: Attributes = {},
): SpecialNode {
  return { ...attributes, type: "special", kind: typeCharacter, major, minor };
}

/** A block device; needs root on disk. */
export function blockDevice(
  major: number,
  minor: number,
  attributes: Attributes = {},
): SpecialNode {
  return { ...attributes, type: "special", kind: typeBlock, major, minor };
}
