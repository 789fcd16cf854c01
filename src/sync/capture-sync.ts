// --tee, --write-batch, --only-write-batch: before a sync begins, what it is about to do is written
// to a file as a changeset with data.

import type { ByteString } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import { CaptureFile } from "./capture-file.ts";
import { openEndpoints } from "./endpoints.ts";
import { parseRunFilters } from "./lane/run-filters.ts";
import { openDoor } from "./plan/open-door.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { captureTransfer } from "./verbs/capture-transfer.ts";
import type { StageContext } from "./verbs/stage-output.ts";
import { doSteps } from "./verbs/steps.ts";

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
  const fs = openDoor(surroundings);
  const dry = { ...options, transfer: { ...options.transfer, dryRun: true } };
  const filterRules = parseRunFilters(fs, dry, surroundings, () => undefined);
  const { umask, workingDirectory, readStandardInput } = surroundings;
  const around = { fs, umask, workingDirectory, readStandardInput };
  const endpoints = openEndpoints({ ...around, options: dry, filterRules });
  if (endpoints.failure !== undefined) throw endpoints.failure;
  const file = new CaptureFile(path, options.links);
  try {
    const sink = (bytes: Uint8Array): void => file.write(bytes);
    const standardInput = (): Iterable<Uint8Array> => [];
    const context = { options: dry, surroundings, sink, standardInput, tell, program };
    return doSteps(captureTransfer(context, filterRules, endpoints));
  } finally {
    file.close();
  }
}
