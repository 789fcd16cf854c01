// The door that a run goes through to this machine's files.

import { ManifoldError } from "../../base/index.ts";
import { confinedFileSystem, type FileSystem, FsError, openFileSystem } from "../../fs/index.ts";
import type { Surroundings } from "./surroundings.ts";

/** Opens the door of this thread. Throws ManifoldError when what the run is confined to cannot be opened. */
export function openDoor({
  fileSystem,
  confinement,
  links,
}: Pick<Surroundings, "fileSystem" | "confinement" | "links">): FileSystem {
  const door = fileSystem ?? openFileSystem("linux", links);
  if (confinement === undefined) return door;
  try {
    return confinedFileSystem(door, confinement);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    // Where it lies is not the other end's business.
    const message = `the module cannot be opened: ${error.reason}`;
    throw new ManifoldError("io-start", message, { cause: error });
  }
}
