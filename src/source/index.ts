// source: where bytes come from. Source (source.ts) is what every kind serves: `local/` a folder of this
// machine, `http/` a web server, `sftp/` a machine with sshd; test/source/conformance holds all of them to it. `many/` deals the content of one tree out among several sources of
// unequal speed. It is a policy: it opens nothing and has no clock of its own; whoever owns the
// connections tells it what happens, and asks it what to do next.
//
//   add(files) -> backlog -> next(source) -> assignment -> arrived / done / failed -> backlog
//                              ^ when nothing is left to begin: the end of somebody else's work
//
// Not guaranteed: which source brings what, and in which order. Only that every byte is dealt to a
// source that has it, until it has come.

export { ChangesetSource, type ChangesetSourceSettings } from "./changeset/changeset-source.ts";
export { kindOf } from "./entry-kind.ts";
export { type BucketSourceSettings, bucketCredentials, openBucket } from "./http/bucket-source.ts";
export { HttpSource, type HttpSourceSettings } from "./http/http-source.ts";
export { ListingRecords, manifestName } from "./http/listing-records.ts";
export type { AnnouncedMirror } from "./http/metalink-listing.ts";
export type { BucketCredentials } from "./http/sign-request.ts";
export { LocalSource, type LocalSourceSettings } from "./local/local-source.ts";
export type { Assignment, Part } from "./many/assignment.ts";
export { Dealer, type DealerSettings, type Failure } from "./many/dealer.ts";
export { dealtAs, type PullSource, type SourceStatus } from "./many/pull-source.ts";
export {
  type ContentStore,
  PulledFile,
  type PullHost,
  type PullOrder,
} from "./many/pulled-file.ts";
export { Puller, type PullerSettings } from "./many/puller.ts";
export { Segments, type Span } from "./many/segments.ts";
export { type SourceProfile, type SourceSettings, SourceState } from "./many/source-state.ts";
export { Throttle } from "./many/throttle.ts";
export { type MeasuredSource, measureSource } from "./measure-source.ts";
export { openLocal } from "./open-local.ts";
export { openSourceAt, type SourceGround } from "./open-source.ts";
export { during } from "./sftp/read-window.ts";
export { SftpSource, type SftpSourceSettings } from "./sftp/sftp-source.ts";
export type {
  EntryDigest,
  EntryKind,
  FileChunk,
  ListedEntry,
  PieceDigests,
  Source,
  SourceAbilities,
  SourceFile,
  SourceListing,
  SourcePart,
} from "./source.ts";
export { SourceError, type SourceTrouble } from "./source-error.ts";
export { type TreeState, treeSignOf, treeStateOf } from "./tree-state.ts";
