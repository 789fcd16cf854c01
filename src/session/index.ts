// session: our protocol between two peers over a channel (docs/design/session.md). A channel goes in, a
// peer comes out: whole messages on several lanes that do not hold one another up, with limits on
// everything that the other end can send. What the messages say is the business of who sends them.

export { type AheadContent, decodeAhead, encodeAhead } from "./ahead-record.ts";
export {
  type CastAnswer,
  type CastArrival,
  type CastOrder,
  decodeCastAnswer,
  decodeCastBlocks,
  decodeCastOrder,
  encodeCastAnswer,
  encodeCastBlocks,
  encodeCastOrder,
  type SignedBlocks,
  type WriteTrial,
} from "./cast-messages.ts";
export { chunkListBytesMax, decodeChunkList, encodeChunkList } from "./chunk-record.ts";
export {
  decodeContent as decodeContentBody,
  decodeSentFiles,
  encodeContent,
  encodeContentStart,
  encodeSentFiles,
  literalBytes,
  type Segment,
  type SentFile,
  type SentRecords,
  type SentState,
} from "./content-record.ts";
export {
  type ControlMessage,
  decodeControl,
  type EndedMessage,
  type EndsMessage,
  type Expansion,
  encodeControl,
  type FailedMessage,
  type FarList,
  type JoinableMessage,
  type JoinMessage,
  joinTokenBytes,
  type StartMessage,
} from "./control-messages.ts";
export type { DatagramsMessage } from "./datagrams-message.ts";
export {
  type DirectoryRecord,
  decodeDirectory,
  encodeDirectory,
  shared,
} from "./directory-record.ts";
export {
  decodeDirectorySum,
  encodeDirectorySum,
  isDirectorySum,
  sumColumns,
  sumOfListing,
} from "./directory-sum.ts";
export type { Capabilities, Side } from "./hello.ts";
export { framePayloadMax, messageBytesMax } from "./limits.ts";
export { understand } from "./message-cursor.ts";
export type { Negotiated } from "./negotiate.ts";
export { decodeNews, decodeRemoved, encodeNews, encodeRemoved } from "./news-messages.ts";
export {
  type EarlyMessage,
  type OpenPeer,
  openSession,
  type SessionOptions,
} from "./open-session.ts";
export { type LaneNumber, lane, type Peer, type PeerListener } from "./peer.ts";
export { limits as recordLimits } from "./record-limits.ts";
export {
  decodeRecordAnswer,
  decodeRecordRequest,
  encodeRecordAnswer,
  encodeRecordRequest,
  type RecordAnswer,
  type RecordRequest,
} from "./recording-messages.ts";
export {
  decodeRequest,
  encodeRequest,
  type FileCopy,
  type RequestMessage,
} from "./request-messages.ts";
export {
  askedDigestBytes,
  askedTwiceBytesMin,
  compareRows,
  hasRow,
  type RowBits,
  type RowDigests,
  rowBits,
  type SameAnswer,
  setRow,
} from "./same-record.ts";
export { Slabs } from "./slabs.ts";
export {
  decodeContent,
  decodeListing as decodeListingMessage,
  encodeContentHead,
  encodeListing as encodeListingHead,
  type ListingMessage,
} from "./source-messages.ts";
export {
  type ChunkWish,
  chunkPieceBytes,
  decodeSignature,
  decodeWanted,
  decodeWishes,
  encodeSignature,
  encodeWanted,
  type HeldParts,
  isChunkWish,
  type WantedFile,
  type Wishes,
} from "./wanted-record.ts";
