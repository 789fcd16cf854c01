// Paths without a working directory, by which caches know their roots.

import { type ByteString, joinPath } from "../../base/index.ts";

/** Returns the path from the top, without empty, "." and ".." parts; by the text alone, whatever links there are. */
export function absolutePath(workingDirectory: ByteString, path: ByteString): ByteString {
  const written = path.startsWith("/") ? path : joinPath(workingDirectory, path);
  const kept: ByteString[] = [];
  for (const part of written.split("/")) {
    if (part === "..") kept.pop();
    else if (part !== "" && part !== ".") kept.push(part);
  }
  return `/${kept.join("/")}`;
}
