// Tidying a path by its text alone, as rsync does with --partial-dir.
import type { ByteString } from "../../base/index.ts";

/**
 * Returns the path without empty and "." components and with ".." taken back where a component
 * stands before it; "." when nothing is left.
 */
export function cleanPath(path: ByteString): ByteString {
  const absolute = path.startsWith("/");
  const kept: ByteString[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== ".." || (kept.length === 0 && !absolute) || kept.at(-1) === "..") kept.push(part);
    else kept.pop();
  }
  const joined = kept.join("/");
  if (absolute) return `/${joined}`;
  return joined === "" ? "." : joined;
}
