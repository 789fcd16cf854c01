// The file doors of a run's two ends: the machine's own, or one around it that pretends to
// privileges (--fake-super; for the target alone -M--fake-super).

import { type FileSystem, fakeSuperFileSystem } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";

/** Returns the door to the sources. */
export function sourceDoor(fs: FileSystem, options: Options): FileSystem {
  return options.preserve.fakeSuper ? fakeSuperFileSystem(fs, { realSymlinks: "tell" }) : fs;
}

/** Returns the door to the target and what belongs to it. */
export function targetDoor(fs: FileSystem, options: Options): FileSystem {
  const { fakeSuper } = options.preserve.atTarget;
  return fakeSuper ? fakeSuperFileSystem(fs, { realSymlinks: "hide" }) : fs;
}
