// What is said at the start about the further places that the user named (the backup directory and
// the basis directories), and about options that are no use here. Throws where a place cannot serve, before anything is changed.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { type FileSystem, FsError } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";
import { basisRoots, basisWarnings } from "./basis-roots.ts";
import type { Endpoints } from "./run-ends.ts";

/** Returns what is to be told. */
export function placeNotes(
  fs: FileSystem,
  options: Options,
  endpoints: Endpoints,
  workingDirectory: ByteString,
): ProgressEvent[] {
  const path = endpoints.target?.path ?? ".";
  const events: ProgressEvent[] = [];
  if (options.backup.dir !== undefined) {
    events.push(backupNote(fs, options.backup.dir, path, endpoints.targetExists));
  }
  const roots = basisRoots(options, endpoints, workingDirectory);
  for (const message of basisWarnings(fs, options, roots)) {
    const event = { type: "problem", path: "", role: "target", operation: "note" } as const;
    events.push({ ...event, errno: 0, message, exit: 0 });
  }
  const { personality, own } = options;
  if (own.idle.length > 0 && personality === "manifold") {
    const text = `without effect on one machine: ${own.idle.join(", ")}`;
    events.push({ type: "note", topic: "misc", level: 1, text });
  }
  return events;
}

function backupNote(
  fs: FileSystem,
  dir: ByteString,
  target: ByteString,
  targetExists: boolean,
): ProgressEvent {
  const exists =
    (targetExists || dir.startsWith("/")) &&
    isThere(fs, dir, dir.startsWith("/") ? dir : `${target}/${dir}`);
  const text = `${exists ? "" : "(new) "}backup_dir is ${dir}`;
  return { type: "note", topic: "backup", level: 1, text };
}

function isThere(fs: FileSystem, dir: ByteString, path: ByteString): boolean {
  try {
    fs.closeDirectory(fs.openRoot(path, "bounded"));
    return true;
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    if (error.code === "ENOENT") return false;
    if (error.code === "ENOTDIR") {
      throw new ManifoldError("usage", `The backup-dir is not a directory: ${toText(dir)}`);
    }
    throw new ManifoldError("io-start", `Cannot look at ${toText(dir)}: ${error.message}`);
  }
}
