// What an rsync client names on the server: paths in a module, and lists of files.

import type { ByteString } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import { readListInside } from "../far/read-file-list.ts";
import type { Surroundings } from "../plan/surroundings.ts";

/** Returns paths that begin with the module's name as paths below its top. */
export function insideModule(paths: readonly ByteString[], module: ByteString): ByteString[] {
  return paths.flatMap((path) => {
    // Behind a blank the module's name begins another path.
    const parts = path
      .split(` ${module}/`)
      .map((part, i) => (i === 0 ? part : `${module}/${part}`));
    return parts.map((part) => {
      if (part === module) return "/";
      const inside = part.startsWith(`${module}/`) ? part.slice(module.length + 1) : part;
      return cleanPath(`/${inside}`);
    });
  });
}

/** Takes "." and ".." out of a path: nothing leads above the top. A slash at the end stays. */
function cleanPath(path: ByteString): ByteString {
  const parts: ByteString[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  const isPoured = /\/\.?$/.test(path) && parts.length > 0;
  const dot = path.includes("/./") && !path.endsWith("/./") ? path : undefined;
  return dot ?? `/${parts.join("/")}${isPoured ? "/" : ""}`;
}

/** Returns the words of a client: what comes over the wire has a NUL behind each name, whatever the list had. */
export function listWords(words: readonly ByteString[]): readonly ByteString[] {
  return words.includes("--files-from=-") ? [...words, "--from0"] : words;
}

/** Returns the list that a module's client names in the module; undefined = there is none, or it comes over the wire. */
export function listInside({ walk }: Options, surroundings: Surroundings): Uint8Array | undefined {
  const { filesFrom: path, from0 } = walk;
  if (path === undefined || path === "-" || surroundings.confinement === undefined) {
    return undefined;
  }
  return readListInside(path, from0, surroundings);
}
