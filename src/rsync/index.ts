// rsync: rsync's own wire protocol, versions 30 to 32 (rsync 3.0 and later), so that every rsync host and daemon is a
// peer. In: what is to be said, and bytes that came. Out: bytes to send, and what they mean. Pure: nothing here opens
// a connection or a file, and who decides what is transferred is elsewhere.
//
//   wire/   encodings of numbers and indices; frames and messages
//   hello/  how a conversation begins: greeting, password, arguments, capabilities, names of algorithms
//   list/   entries of file lists, their order, names of owners
//   item/   requests and answers: headers, sums of blocks, tokens, statistics
//
// Everything that another end says is checked here, with named limits, before memory is given to it. What a name or a
// number means for files (does it lie in the target?) is the business of whoever uses it.

export {
  blockChecksum,
  type ChecksumName,
  type Checksums,
  checksumBytes,
  checksumNames,
  checksumOf,
  fileChecksum,
  isChecksumName,
  prepareChecksums,
} from "./checksums.ts";
export { encodeFilterList, FilterListReader } from "./filter-list.ts";
export { ArgumentReader, encodeArguments } from "./hello/arguments.ts";
export {
  type AuthDigest,
  authDigests,
  authResponse,
  chooseAuthDigest,
  isStrongEnough,
} from "./hello/auth.ts";
export { capabilityWord, compat, wantedBits } from "./hello/capabilities.ts";
export { beginWithDaemon, type DaemonWish } from "./hello/daemon-dialogue.ts";
export {
  agreeOnProtocol,
  type DaemonAnswer,
  formatGreeting,
  formatModule,
  type Greeting,
  parseAnswer,
  parseGreeting,
  protocolMax,
  protocolMin,
} from "./hello/greeting.ts";
export {
  type Agreement,
  type ChosenChecksums,
  type Opening,
  shakeHands,
} from "./hello/handshake.ts";
export {
  type CompressionName,
  type CompressionWish,
  chooseChecksum,
  chooseCompression,
  isSpokenCompression,
  offeredChecksums,
  offeredCompressions,
  spokenCompressions,
} from "./hello/negotiation.ts";
export { PlainReader } from "./hello/plain-reader.ts";
export { type ServerOpening, shakeHandsAsServer } from "./hello/server-handshake.ts";
export { checkUser, type UserRight, type UserVerdict } from "./hello/users.ts";
export { deflateLiteral, flushMark, Inflater } from "./item/deflate.ts";
export {
  DeflatedTokenReader,
  deflatedJoin,
  writeBlockRun,
  writeDeflated,
} from "./item/deflated-tokens.ts";
export type { Expander } from "./item/expander.ts";
export {
  basisKind,
  decodeItemHeader,
  encodeItemHeader,
  type ItemHeader,
  itemFlag,
} from "./item/item-header.ts";
export { needsFlushMarks, type Packing, packedBytes, writePacked } from "./item/packing.ts";
export {
  encodeBlock,
  encodeLiteral,
  encodeTokensEnd,
  literalBytesMax as literalTokenBytesMax,
  PlainTokenReader,
  type TokenReader,
  type TokenSink,
  writeBlockToken,
  writeLiteralToken,
} from "./item/plain-tokens.ts";
export {
  type DeletionCounts,
  decodeDeletions,
  decodeStatistics,
  encodeDeletions,
  encodeStatistics,
  type Statistics,
} from "./item/statistics.ts";
export {
  basisLength,
  decodeSumHead,
  encodeSumHead,
  encodeSums,
  headOf,
  noSums,
  type SumHead,
  SumReader,
} from "./item/sum-head.ts";
export type { XattrValues } from "./item/xattr-values.ts";
export { EntryDecoder, isListEnd } from "./list/entry-decoder.ts";
export { EntryEncoder } from "./list/entry-encoder.ts";
export { encodeIdList, IdListReader, type IdNames } from "./list/id-lists.ts";
export { checkName, sortKey } from "./list/names.ts";
export type { ListEnd, ListTerms, WireAcl, WireEntry, WireXattr } from "./list/wire-entry.ts";
export { listError } from "./list/wire-entry.ts";
export { inlineValueMax, wireXattr } from "./list/xattr-codec.ts";
export type {
  FileSink,
  PulledList,
  PullListener,
  PullTerms,
  TextKind,
} from "./pull/pull-listener.ts";
export { Puller } from "./pull/puller.ts";
export { Answer } from "./push/answer.ts";
export type { PushListener, PushTerms } from "./push/push-listener.ts";
export type { PhaseEnd } from "./push/push-phases.ts";
export { PushWriter } from "./push/push-writer.ts";
export { Pusher } from "./push/pusher.ts";
export { sayFailure } from "./wire/failure.ts";
export { FrameSender } from "./wire/frame-sender.ts";
export { FramedWriter, framedBytes } from "./wire/framed-writer.ts";
export { encodeFrame, FrameSplitter } from "./wire/frames.ts";
export {
  IndexCoder,
  indexDeletions,
  indexDone,
  indexListsEnd,
  indexSubList,
} from "./wire/index-code.ts";
export { tag } from "./wire/message-tags.ts";
export { WatchedChannel } from "./wire/watched-channel.ts";
export { WireBuffer } from "./wire/wire-buffer.ts";
export { brokenProtocol, shortage, WireCursor } from "./wire/wire-cursor.ts";
export { WireWriter } from "./wire/wire-writer.ts";
