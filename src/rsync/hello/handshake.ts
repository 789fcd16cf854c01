// The client's part of the binary handshake: protocol, compatibility, algorithms, seed.

import { type ByteString, toBytes } from "../../base/index.ts";
import { type ChecksumName, type Checksums, prepareChecksums } from "../checksums.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import { compat } from "./capabilities.ts";
import { agreeOnProtocol } from "./greeting.ts";
import {
  type CompressionName,
  type CompressionWish,
  chooseChecksum,
  chooseCompression,
  namesBytesMax,
  offeredChecksums,
  offeredCompressions,
} from "./negotiation.ts";
import type { PlainReader } from "./plain-reader.ts";

/** What two ends have agreed on before files are spoken of. */
export interface Agreement {
  readonly protocol: number;
  /** Bits of `compat`. */
  readonly compat: number;
  readonly checksums: Checksums;
  readonly compression: CompressionName;
}

/** Checksums that a client has chosen: of files and blocks, and of lists. */
export type ChosenChecksums = readonly [files: ChecksumName, lists: ChecksumName];

/** How a handshake begins. */
export interface Opening {
  /** The protocol that the lines of a daemon have settled; undefined = there were none, and it is said now. */
  readonly settled: number | undefined;
  /** The highest that is to be spoken. */
  readonly protocol: number;
  /** What goes ahead of everything: a daemon's list of arguments. */
  readonly first: ByteString;
  /** What that says of checksums: those of files and of lists; undefined = both ends agree on one. */
  readonly checksum: ChosenChecksums | undefined;
  /** What that says of compression. */
  readonly compression: CompressionWish;
  readonly timeoutMs: number;
}

/** Shakes hands. Rejects with ManifoldError. */
export async function shakeHands(reader: PlainReader, opening: Opening): Promise<Agreement> {
  const { channel } = reader;
  const { timeoutMs } = opening;
  const writer = new WireWriter();
  writer.raw(toBytes(opening.first));
  if (opening.settled === undefined) writer.int(opening.protocol);
  if (writer.length > 0) channel.send(writer.take());
  const protocol =
    opening.settled ??
    agreeOnProtocol(
      await reader.read((cursor) => cursor.int(), timeoutMs),
      opening.protocol,
      channel.label,
    );
  const bits = await reader.read((cursor) => cursor.varint(), timeoutMs);
  const chosen = opening.checksum;
  let [name, listName]: ChosenChecksums = chosen ?? ["md5", "md5"];
  const negotiates = opening.compression === "negotiated";
  // Whoever does not negotiate speaks what there was before.
  let compression = negotiates ? "zlib" : opening.compression;
  if ((bits & compat.varintFlags) !== 0) {
    if (chosen === undefined) writer.vstring(offeredChecksums());
    if (negotiates) writer.vstring(offeredCompressions());
    if (writer.length > 0) channel.send(writer.take());
    const readNames = () => reader.read((cursor) => cursor.vstring(namesBytesMax), timeoutMs);
    if (chosen === undefined) {
      name = chooseChecksum(await readNames(), channel.label);
      listName = name;
    }
    if (negotiates) compression = chooseCompression(await readNames(), channel.label);
  }
  const seed = await reader.read((cursor) => cursor.int(), timeoutMs);
  const seedFirst = (bits & compat.seedFirst) !== 0;
  const checksums = { name, listName, seed, seedFirst };
  await prepareChecksums(checksums);
  return { protocol, compat: bits, checksums, compression };
}
