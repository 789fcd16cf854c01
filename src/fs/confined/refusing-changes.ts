// A door through which nothing can be changed.

import { errno } from "../../base/index.ts";
import type { FileSystem } from "../file-system.ts";
import { FsError } from "../fs-error.ts";

/** Everything that changes something. */
const changes = [
  "createFile",
  "openWrite",
  "write",
  "truncate",
  "allocate",
  "punchHole",
  "copyRange",
  "clone",
  "makeDirectory",
  "makeSymlink",
  "makeNode",
  "link",
  "rename",
  "unlink",
  "removeDirectory",
  "setMode",
  "setOwner",
  "setTimes",
  "setFileMode",
  "setFileOwner",
  "setFileTimes",
  "setDirectoryMode",
  "setDirectoryOwner",
  "setDirectoryTimes",
  "setXattr",
  "removeXattr",
] as const satisfies readonly (keyof FileSystem)[];

/** Returns the same door with every change refused (EROFS). */
export function refusingChanges(door: FileSystem): FileSystem {
  const refused = Object.fromEntries(
    changes.map((operation) => [
      operation,
      () => {
        throw new FsError(errno.EROFS, operation, "");
      },
    ]),
  );
  return { ...door, ...refused };
}
