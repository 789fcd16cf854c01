// sync: what a user can ask for, one file each. The only room that composes: it joins the stages of
// the pipeline, gives their work to the scheduler as tasks, and keeps the order in which things are
// told.
//
//   plan (arguments) -> conductor -> survey tasks -> lanes: scan + scan -> diff -> receive
//                          ^  subdirectories, what is left, deletions, news  |
//                          +-------------------------------------------------+
//
// A run has two ends and one conductor; lanes are threads. News come out in listing order.

export {
  closeDescriptor,
  expectsSystemCalls,
  FsError,
  isStandardInputFile,
  openFilesMax,
  openForWriting,
  processArguments,
  processWorkingDirectory,
  readStandardInput,
  readStandardInputAgain,
  readStandardInputPieces,
  writeDescriptor,
} from "../fs/index.ts";
export { processorCount } from "../schedule/index.ts";
export { diffTrees } from "./diff-trees.ts";
export { invertInput } from "./invert-changeset.ts";
export { type ChangesetInput, ReceiveRun } from "./receive-changeset.ts";
export type { Endpoints } from "./run-ends.ts";
export { scanTree } from "./scan-tree.ts";
export { sendContent } from "./send-content.ts";
export { type Shown, type ShownState, showFile } from "./show-file.ts";
export type { StageContext } from "./stage-output.ts";
export type { Surroundings } from "./surroundings.ts";
export { type Listener, type SyncResult, SyncRun } from "./sync-tree.ts";
