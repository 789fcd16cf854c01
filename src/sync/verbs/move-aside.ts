// Gives an entry of the target another name, so that both it and what comes in its place are kept.

import type { ByteString } from "../../base/index.ts";
import { type FileSystem, FsError } from "../../fs/index.ts";
import type { TargetPlace } from "../../pipeline/index.ts";

const namesTried = 100;
const nameBytesMax = 255;

/** Renames the entry and returns its new name; undefined when there is none, or it cannot be. */
export function moveAside(
  fs: FileSystem,
  { dir }: TargetPlace,
  name: ByteString,
): ByteString | undefined {
  for (let number = 1; number <= namesTried; number++) {
    const suffix = number === 1 ? ".conflict" : `.conflict-${number}`;
    const other = name.slice(0, nameBytesMax - suffix.length) + suffix;
    try {
      fs.rename(dir, name, dir, other, "no-replace");
      return other;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      if (error.code !== "EEXIST") return undefined;
    }
  }
  return undefined;
}
