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
  return besideName(name, (other) => fs.rename(dir, name, dir, other, "no-replace"));
}

/** Has `give` try names like `name` until one is free, and returns that; undefined when it cannot be. */
export function besideName(
  name: ByteString,
  give: (other: ByteString) => void,
): ByteString | undefined {
  for (let number = 1; number <= namesTried; number++) {
    const suffix = number === 1 ? ".conflict" : `.conflict-${number}`;
    const other = name.slice(0, nameBytesMax - suffix.length) + suffix;
    try {
      give(other);
      return other;
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      if (error.code !== "EEXIST") return undefined;
    }
  }
  return undefined;
}
