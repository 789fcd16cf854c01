// --tee, --write-batch, --only-write-batch: before a sync begins, what it is about to do is written
// to a file as a changeset with data.

import { type ByteString, ManifoldError, toText } from "../base/index.ts";
import {
  closeDescriptor,
  FsError,
  openFileSystem,
  openForWriting,
  writeDescriptor,
} from "../fs/index.ts";
import type { Options } from "../options/index.ts";
import { openEndpoints } from "./endpoints.ts";
import { parseRunFilters } from "./lane/run-filters.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { captureTransfer } from "./verbs/capture-transfer.ts";
import type { StageContext } from "./verbs/stage-output.ts";

/** A captured transfer has everybody's content in it: only its owner reads it. */
const captureMode = 0o600;

/**
 * Writes what a sync with these options would do into the file `path`. What the scan meets is told by the sync
 * itself, what could not be recorded here; the exit status says whether something is missing from the file. Throws ManifoldError.
 */
export function captureSync(
  options: Options,
  surroundings: Surroundings,
  path: ByteString,
  { tell, program }: Pick<StageContext, "tell" | "program">,
): number {
  const fs = surroundings.fileSystem ?? openFileSystem();
  const dry = { ...options, transfer: { ...options.transfer, dryRun: true } };
  const filterRules = parseRunFilters(fs, dry, surroundings, () => undefined);
  const { umask, workingDirectory, readStandardInput } = surroundings;
  const around = { fs, umask, workingDirectory, readStandardInput };
  const endpoints = openEndpoints({ ...around, options: dry, filterRules });
  if (endpoints.failure !== undefined) throw endpoints.failure;
  const refuse = (reason: string): never => {
    throw new ManifoldError("file-select", `Batch file "${toText(path)}" open error: ${reason}`);
  };
  const descriptor = openCapture(path, refuse);
  try {
    const sink = (bytes: Uint8Array): void => {
      const refused = writeDescriptor(descriptor, bytes);
      if (refused !== 0) throw new ManifoldError("io-start", writeError(path, refused));
    };
    const standardInput = (): Iterable<Uint8Array> => [];
    const context = { options: dry, surroundings, sink, standardInput, tell, program };
    return captureTransfer(context, filterRules, endpoints);
  } finally {
    closeDescriptor(descriptor);
  }
}

function openCapture(path: ByteString, refuse: (reason: string) => never): number {
  try {
    return openForWriting(path, false, captureMode);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return refuse(error.reason);
  }
}

function writeError(path: ByteString, errno: number): string {
  return `Cannot write "${toText(path)}": ${new FsError(errno, "write", path).reason}`;
}
