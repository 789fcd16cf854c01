// Recording a run (--write-batch, --only-write-batch, --tee) and replaying one (--read-batch): what
// goes together, in rsync's words where rsync has any.

import { ManifoldError } from "../../base/index.ts";
import type { CaptureOptions } from "../run-options.ts";
import type { Settings } from "../settings.ts";

/** rsync has no longer ones, so that FILE.sh has room. */
const batchNameBytesMax = 256;

/** Returns what is recorded and where; undefined = nothing. A trial run records nothing, as rsync's. Throws usage errors. */
export function resolveCapture(settings: Settings): CaptureOptions | undefined {
  const { writeBatch, onlyWriteBatch, readBatch, tee } = settings;
  const batch = onlyWriteBatch ?? writeBatch;
  checkTogether(settings);
  if ((batch ?? readBatch ?? "").length > batchNameBytesMax) {
    throw usage(`the batch-file name must be ${batchNameBytesMax} characters or less.`);
  }
  const file = batch ?? tee;
  if (file === undefined || settings.dryRun) return undefined;
  const only = onlyWriteBatch !== undefined;
  return { file, isBatch: batch !== undefined, only, replay: settings.replay };
}

function checkTogether(settings: Settings): void {
  const { writeBatch, onlyWriteBatch, readBatch, tee } = settings;
  const isWritten = writeBatch !== undefined || onlyWriteBatch !== undefined;
  if (isWritten && readBatch !== undefined) {
    throw usage("--write-batch and --read-batch can not be used together");
  }
  if (tee !== undefined && (isWritten || readBatch !== undefined)) {
    throw usage("--tee goes with no batch option: --write-batch is the same with a script");
  }
  if (readBatch !== undefined && settings.filesFrom !== undefined) {
    throw usage("--read-batch cannot be used with --files-from");
  }
  if (readBatch !== undefined && settings.removeSourceFiles) {
    throw usage("--read-batch cannot be used with --remove-source-files");
  }
  if (!isWritten && tee === undefined) return;
  refuseUnsaid(settings, tee === undefined ? "--write-batch" : "--tee");
}

/** Checks that a sync can be undone (--undo). Throws usage errors. */
export function checkUndo(settings: Settings): void {
  if (settings.undo === undefined) return;
  if (settings.removeSourceFiles) {
    throw usage("--undo cannot be used with --remove-source-files: it restores the target only");
  }
  refuseUnsaid(settings, "--undo");
}

function refuseUnsaid(settings: Settings, name: string): void {
  const refused = [
    settings.maxDelete !== undefined && "--max-delete",
    settings.deleteMissingArgs && "--delete-missing-args",
    settings.relative === true && !settings.impliedDirs && "--no-implied-dirs",
    settings.copyDevices && "--copy-devices",
    settings.listOnly && "--list-only",
  ].find((option) => option !== false);
  if (refused !== undefined) {
    throw usage(`${name} cannot be used with ${refused}: a changeset could not say the same`);
  }
}

function usage(message: string): ManifoldError {
  return new ManifoldError("usage", message);
}
