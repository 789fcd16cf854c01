// The door that a run goes through to this machine's files.

import { confinedFileSystem, type FileSystem, openFileSystem } from "../../fs/index.ts";
import type { Surroundings } from "./surroundings.ts";

/** Opens the door of this thread. Throws FsError when what the run is confined to cannot be opened. */
export function openDoor({
  fileSystem,
  confinement,
}: Pick<Surroundings, "fileSystem" | "confinement">): FileSystem {
  const door = fileSystem ?? openFileSystem();
  return confinement === undefined ? door : confinedFileSystem(door, confinement);
}
