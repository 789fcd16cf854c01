// Extended attributes of a whole tree in one process: getfattr's dump, parsed.

import { spawnSync } from "node:child_process";
import { type ByteString, fromBytes } from "./rooms.ts";

let present: boolean | undefined;

/** Says whether the getfattr program is installed. */
export function haveGetfattr(): boolean {
  present ??= spawnSync("getfattr", ["--version"]).status === 0;
  return present;
}

/**
 * Returns every extended attribute below `top` by path from `top` ("" for itself), values as byte strings,
 * symlinks not followed. An empty map where getfattr is missing.
 */
export function getfattr(top: ByteString): Map<ByteString, Map<ByteString, ByteString>> {
  const found = new Map<ByteString, Map<ByteString, ByteString>>();
  if (!haveGetfattr()) return found;
  // `sh` because argv of a child can only be text; the folder's name comes on standard input.
  const script =
    'cd "$(cat)" && exec getfattr --recursive --physical --no-dereference --match=- --encoding=hex -- .';
  const child = spawnSync("sh", ["-c", script], {
    input: Buffer.from(top, "latin1"),
    maxBuffer: 1 << 28,
    env: { ...process.env, LC_ALL: "C" },
  });
  let current = new Map<ByteString, ByteString>();
  for (const line of fromBytes(child.stdout).split("\n")) {
    if (line.startsWith("# file: ")) {
      current = new Map();
      found.set(pathOf(line.slice(8)), current);
    } else if (line !== "") {
      const equals = line.indexOf("=0x");
      current.set(
        unescapeOctal(line.slice(0, equals)),
        fromBytes(Buffer.from(line.slice(equals + 3), "hex")),
      );
    }
  }
  return found;
}

function pathOf(printed: string): ByteString {
  const path = unescapeOctal(printed);
  return path === "." ? "" : path.replace(/^\.\//, "");
}

function unescapeOctal(printed: string): ByteString {
  return printed.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
