// Puts a tree value at a place, in the order that keeps every attribute: hard links when
// everything else exists, directories' own attributes last and from the bottom up.

import { diskPlace } from "./disk-place.ts";
import type { TreePlace } from "./place.ts";
import { type ByteString, joinPath } from "./rooms.ts";
import type { Attributes, DirectoryNode, TreeNode } from "./tree-literal.ts";

/** Returns the place for a folder's path, or the place itself. */
export function toPlace(where: ByteString | TreePlace): TreePlace {
  return typeof where === "string" ? diskPlace(where) : where;
}

/** Makes the tree at the place, whose top directory exists already and gets the tree's attributes. */
export function writeTree(where: ByteString | TreePlace, tree: DirectoryNode): void {
  writeNodes(toPlace(where), new Map([["", tree]]));
}

/** Makes these nodes, by path, at the place; their parents exist. Hard links may name anything there. */
export function writeNodes(place: TreePlace, nodes: ReadonlyMap<ByteString, TreeNode>): void {
  const links: [ByteString, ByteString][] = [];
  const directories: [ByteString, DirectoryNode][] = [];
  const make = (path: ByteString, node: TreeNode): void => {
    if (node.type === "hard-link") {
      links.push([path, node.to]);
      return;
    }
    if (node.type === "directory") {
      if (path !== "") place.makeDirectory(path);
      directories.push([path, node]);
      for (const [name, below] of node.entries) make(joinPath(path, name), below);
      return;
    }
    if (node.type === "file") place.makeFile(path, node.size, node.regions);
    else if (node.type === "symlink") place.makeSymlink(path, node.target);
    else place.makeNode(path, node.kind | 0o600, node.major, node.minor);
    setAttributes(place, path, node);
  };
  for (const [path, node] of nodes) make(path, node);
  for (const [path, to] of links) place.link(to, path);
  for (const [path, node] of directories.reverse()) setAttributes(place, path, node);
}

/** Sets the attributes that the node has, in the order owner, xattrs, mode, times. */
export function setAttributes(
  place: TreePlace,
  path: ByteString,
  node: Attributes & { type: string },
): void {
  const { uid, gid, mode, mtime, atime, xattrs } = node;
  const unchanged = 0xffffffff;
  if (uid !== undefined || gid !== undefined)
    place.setOwner(path, uid ?? unchanged, gid ?? unchanged);
  for (const [name, value] of Object.entries(xattrs ?? {})) place.setXattr(path, name, value);
  if (node.type !== "symlink" && !(path === "" && mode === undefined)) {
    place.setMode(path, mode ?? (node.type === "directory" ? 0o755 : 0o644));
  }
  if (mtime !== undefined || atime !== undefined) {
    const now = place.entry(path);
    const mtimeNs = toNanoseconds(mtime) ?? now?.mtimeNs ?? 0n;
    place.setTimes(path, toNanoseconds(atime) ?? mtimeNs, mtimeNs);
  }
}

function toNanoseconds(time: number | bigint | undefined): bigint | undefined {
  return typeof time === "number" ? BigInt(time) * 1_000_000_000n : time;
}
