// `sync --undo FILE` on one machine: before a sync begins, what restores the target as it is now is written to a file:
// the inverse of what the sync is about to do, with the old content.

import type { ByteString } from "../base/index.ts";
import type { Options } from "../options/index.ts";
import { openEndpoints } from "./endpoints.ts";
import { parseRunFilters } from "./lane/run-filters.ts";
import { openDoor } from "./plan/open-door.ts";
import type { Surroundings } from "./plan/surroundings.ts";
import { keepingAll, standingAsItIs } from "./undo-options.ts";
import { captureTransfer } from "./verbs/capture-transfer.ts";
import { KeptPieces } from "./verbs/kept-pieces.ts";
import type { StageContext } from "./verbs/stage-output.ts";
import { doSteps } from "./verbs/steps.ts";
import { saveUndo } from "./verbs/write-undo.ts";

/**
 * Writes and flushes the file; the target is not touched. What the scan meets is told by the sync itself. Throws
 * ManifoldError, also when old content cannot be read.
 */
export function undoSync(
  options: Options,
  surroundings: Surroundings,
  file: ByteString,
  { tell, program }: Pick<StageContext, "tell" | "program">,
): void {
  const fs = openDoor(surroundings);
  const seen = keepingAll(options);
  const filterRules = parseRunFilters(fs, seen, surroundings, () => undefined);
  const { umask, workingDirectory, readStandardInput } = surroundings;
  const around = { fs, umask, workingDirectory, readStandardInput };
  const endpoints = openEndpoints({ ...around, options: seen, filterRules });
  if (endpoints.failure !== undefined) throw endpoints.failure;
  const changes = new KeptPieces();
  const common = { surroundings, standardInput: (): Iterable<Uint8Array> => [], tell, program };
  try {
    const sink = (bytes: Uint8Array): void => changes.add(bytes);
    const context = { ...common, options: seen, sink };
    doSteps(captureTransfer(context, filterRules, endpoints, false));
    const { target, targetExists } = endpoints;
    const asItIs = standingAsItIs(options, targetExists ? target?.path : undefined);
    saveUndo({ ...common, options: asItIs, sink: () => undefined }, file, changes.pieces());
  } finally {
    changes.close();
  }
}
