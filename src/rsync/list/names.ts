// Names in file lists: which are good, and how they are sorted, which decides what index each entry has.

import type { ByteString } from "../../base/index.ts";
import { brokenProtocol } from "../wire/wire-cursor.ts";

/** Throws a protocol-data error for a name that might lead anywhere else. `relative`: it may begin with slashes. */
export function checkName(name: ByteString, relative: boolean): void {
  if (name === ".") return;
  const path = relative ? name.replace(/^\/+/, "") : name;
  if (isPlain(path) || (relative && path === "")) return;
  throw brokenProtocol(`"${name.replace(/[^ -~]/g, "?").slice(0, 200)}" is no name of a transfer`);
}

/** Says whether every part of a path is a name. */
function isPlain(path: ByteString): boolean {
  return !notPlain.test(path);
}

/** A part that is empty or has one or two dots and nothing else, or a NUL. */
const notPlain = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/**
 * Returns a string by which entries are in rsync's order (protocol 29 and later) when such strings are: in each directory
 * first what is not a directory, then directories as "name/", each with what is in it.
 */
export function sortKey(name: ByteString, isDirectory: boolean): ByteString {
  if (name === ".") return "\0";
  const slash = name.lastIndexOf("/");
  const parents = slash < 0 ? "" : `\x01${name.slice(0, slash).replaceAll("/", "/\x01")}/`;
  const last = name.slice(slash + 1);
  return isDirectory ? `${parents}\x01${last}/` : `${parents}\0${last}`;
}
