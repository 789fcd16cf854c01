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
  becomeUser,
  closeDescriptor,
  enterDirectory,
  expectsSystemCalls,
  FsError,
  isNoTerminal,
  isRegularFile,
  isStandardInputFile,
  isStandardInputSocket,
  openFileSystem,
  openFilesMax,
  openForReading,
  openForWriting,
  ownLinks,
  processArguments,
  processWorkingDirectory,
  readNamedFile,
  readStandardInput,
  readStandardInputPieces,
  removeSmallFile,
  replaceSmallFile,
  startOfStandardInput,
  writeDescriptor,
} from "../fs/index.ts";
export { spokenCompressions } from "../rsync/index.ts";
export { machineTime, processorCount } from "../schedule/index.ts";
export {
  defaultPort,
  formatPlace,
  lineChannel,
  listenTcp,
  standardChannel,
} from "../transport/index.ts";
export { runAgent } from "./agent.ts";
export { captureSync } from "./capture-sync.ts";
export { formatCastReport } from "./cast/cast-report.ts";
export type { CastResult, CastTargetResult } from "./cast/cast-result.ts";
export { CastRun } from "./cast/cast-run.ts";
export type { CastView } from "./cast/cast-view.ts";
export { mayVisitAgain, visitMaster } from "./cast/visit-master.ts";
export { CooperativeRun } from "./cooperative-run.ts";
export { type ListedModule, listModules } from "./far/reach.ts";
export { listRsyncModules } from "./far/rsync-reach.ts";
export { FarRunOfChoice } from "./far-run-of-choice.ts";
export { type ProbedSource, probeSources } from "./mirror/probe-sources.ts";
export { MirrorRun } from "./mirror-run.ts";
export { absolutePath } from "./plan/absolute-path.ts";
export type { AgentTerms } from "./plan/agent-terms.ts";
export { becomeCopier } from "./plan/become-copier.ts";
export type { Endpoints } from "./plan/run-ends.ts";
export type { Surroundings } from "./plan/surroundings.ts";
export { RelayRun } from "./relay-run.ts";
export { answerRsync, type RsyncDaemonService } from "./rsync-daemon.ts";
export { type RsyncService, serveRsyncPipe } from "./rsync-server.ts";
export type { Listener, SyncResult } from "./run-listener.ts";
export { SyncRun } from "./sync-tree.ts";
export { undoSync } from "./undo-sync.ts";
export { makeTarget } from "./verbs/batch-target.ts";
export { type ChangesetInput, fileInput } from "./verbs/changeset-input.ts";
export { diffTrees } from "./verbs/diff-trees.ts";
export { invertInput } from "./verbs/invert-changeset.ts";
export { ReceiveRun } from "./verbs/receive-changeset.ts";
export { scanTree } from "./verbs/scan-tree.ts";
export { sendContent } from "./verbs/send-content.ts";
export { type Shown, type ShownState, showFile } from "./verbs/show-file.ts";
export type { StageContext } from "./verbs/stage-output.ts";
