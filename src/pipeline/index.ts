// pipeline: the four stages. scan reads a directory into a listing; diff compares two listings and
// decides; send opens the content that a decision asks for; receive carries decisions out on the
// target. The stages do not know one another: they share the record types of tree and changeset,
// and sync joins them. moves, between diff and send, finds content that the target has under another name.

export { diffDirectory } from "./diff/diff-directory.ts";
export type { DiffNote, DiffOptions } from "./diff/diff-options.ts";
export { settleAgain, settleChanged, settleSame } from "./diff/settle.ts";
export { Candidates } from "./moves/candidates.ts";
export { FileLog } from "./moves/file-log.ts";
export {
  type MoveCandidate,
  type MoveMatches,
  type MoveRules,
  matchMoves,
} from "./moves/match-moves.ts";
export { type FileColumns, FilePacker } from "./moves/packed-files.ts";
export { fileOfBlock, type UnpackedFile, unpackFiles } from "./moves/unpack-files.ts";
export { WantedFiles } from "./moves/wanted-files.ts";
export { applyEntry, targetFailed } from "./receive/apply-entry.ts";
export { setAttributes } from "./receive/attributes.ts";
export { Backups } from "./receive/backup.ts";
export { BackupDirectories } from "./receive/backup-directories.ts";
export type { Seen } from "./receive/commit.ts";
export type {
  BackupKeeper,
  BackupOutcome,
  ContentRules,
  ContentSource,
  DelayedUpdate,
  HeldContents,
  PartialPlace,
  ReceiveContext,
  ReceiveOptions,
  SourceEntry,
  SourceFile,
} from "./receive/context.ts";
export { copyContent, copyThroughMemory } from "./receive/copy-content.ts";
export { copyNewFiles, writeNewFiles } from "./receive/copy-new-files.ts";
export { bringIn, makeApart } from "./receive/directory-apart.ts";
export { commitDelayed } from "./receive/finish.ts";
export {
  type FuzzyFound,
  type FuzzySearch,
  type FuzzyWanted,
  findFuzzy,
  nameDistance,
  significantSuffix,
} from "./receive/fuzzy.ts";
export { findHeld } from "./receive/held-contents.ts";
export { inheritanceOf, readDefaultAcl } from "./receive/inheritance.ts";
export { KeptIndex, matchPiece, type Piece, signPart } from "./receive/large-delta.ts";
export { abandonLarge, beginLarge } from "./receive/large-file.ts";
export { linkMoved, type MovedFile } from "./receive/link-moved.ts";
export { linkStaged, type StandingName } from "./receive/link-staged.ts";
export { dropPartial, openPartial } from "./receive/partial-files.ts";
export {
  addCounts,
  type LargeBasis,
  type LargeFile,
  largePieceBytes,
  nothingMatched,
  type PieceCounts,
  type Pieces,
} from "./receive/pieces.ts";
export type { DoomedEntry, Removal, RemovalPolicy } from "./receive/removal-policy.ts";
export {
  doomedEntry,
  isElsewhere,
  isLocked,
  type PlacedDirectory,
  removeDisplaced,
  removeEntry,
} from "./receive/remove.ts";
export {
  type BasisRules,
  type BasisSearch,
  resolveBasis,
  resolveEntry,
  takeMode,
} from "./receive/resolve-basis.ts";
export { copySparsePart } from "./receive/sparse.ts";
export {
  besideStaging,
  directoryStaging,
  discardStaged,
  type StageDoor,
  type Staged,
  type Staging,
  tempMount,
  unfinishedPrefix,
} from "./receive/staging.ts";
export { StagingError } from "./receive/staging-error.ts";
export type { TargetPlace } from "./receive/target-place.ts";
export { TokenFile } from "./receive/token-file.ts";
export { phantom } from "./scan/named-entries.ts";
export { openOrigin } from "./scan/open-origin.ts";
export { type PruneContext, pruneEmpty } from "./scan/prune-empty.ts";
export {
  followMode,
  type Hides,
  type NamedGroup,
  type Origin,
  type ScanContext,
  type ScanOptions,
  type ScanProblem,
  type ScanRequest,
  type SourceRoot,
  type XattrWishes,
} from "./scan/request.ts";
export { mountPoint, scanDirectory } from "./scan/scan-directory.ts";
export { copyStat } from "./scan/symlinks.ts";
export { xattrsOf } from "./scan/xattrs.ts";
export { type ContentPlace, isUnchanged, openContent, refreshEntry } from "./send/content.ts";
