// changeset: the narrow waist. What a sync is, as records: for every entry of the source an order
// that says what is to be done about it on the target. Locally the orders are columns that lanes
// pass to one another; the codec makes the same orders a file or a message (docs/design/changeset.md).
//
//   writer = new ChangesetWriter(header, sink); writer.orders(...); writer.data(...); writer.finish(...)
//   reader = new ChangesetReader(); reader.push(bytes); while ((record = reader.next())) ...
//
// Pure: bytes come and go through functions. A reader holds one directory and one record of content;
// what it gives keeps the rules of the format, and everything else is one changeset-invalid error.
// Not promised: that a changeset fits the tree it is applied to; that is the receiver's to find out.

export { type ByteStore, memoryStore } from "./byte-store.ts";
export { CborCursor } from "./cbor/cursor.ts";
export { CborWriter } from "./cbor/writer.ts";
export { decodeColumn, encodeColumn } from "./column-codec.ts";
export { compressPiece, decompressPiece, hasCompression } from "./compress.ts";
export {
  type CarriedAttributes,
  type ComparedDirectory,
  carriedAttributes,
  carryState,
  collectDeletion,
  collectOrders,
} from "./convert.ts";
export { invertChangeset } from "./invert.ts";
export { literalBytesAim } from "./limits.ts";
export { ListedDirectory } from "./listed-directory.ts";
export { decodeListing, encodeListing } from "./listing-codec.ts";
export type { Section } from "./order-codec.ts";
export { OrderSpool } from "./order-spool.ts";
export {
  type Basis,
  type IdNames,
  OrderedDirectory,
  orderKind,
  orderKindNames,
  takesContent,
} from "./ordered-directory.ts";
export { type FrozenOrders, movesContent, Orders, order } from "./orders.ts";
export { compareClosings, compareDirectories, isBelow, isGoodPath, selfName } from "./paths.ts";
export { ChangesetReader, type FramePlace, type ReaderStart } from "./reader.ts";
export {
  type ChangesetDigest,
  type ChangesetRecord,
  type Compression,
  changesetDigests,
  compressions,
  type DataRecord,
  formatVersion,
  type Header,
  type OptionValue,
  type Preserved,
  type ProblemRecord,
  preservedNames,
  type RecordPlace,
  type SignatureRecord,
  type Token,
  type Totals,
  type Trailer,
  totalNames,
} from "./record.ts";
export { addIdNames, addRowLike, copyState } from "./row-copy.ts";
export { magic, trailerDigestBytes } from "./splitter.ts";
export { clearState } from "./state-rows.ts";
export { States } from "./states.ts";
export { type DirectorySummary, Summary } from "./summary.ts";
export { TreeRules } from "./tree-rules.ts";
export { ChangesetRules, readRecords, type Verified, verifyChangeset } from "./verify.ts";
export { type ByteSink, ChangesetWriter, teeSink } from "./writer.ts";
