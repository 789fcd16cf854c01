// The server's part of the binary handshake: it says what both can do, which algorithms are taken, and the seed.

import type { ByteString } from "../../base/index.ts";
import { assert } from "../../base/index.ts";
import { prepareChecksums } from "../checksums.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import { compat, wantedBits } from "./capabilities.ts";
import { agreeOnProtocol } from "./greeting.ts";
import type { Agreement, ChosenChecksums } from "./handshake.ts";
import {
  type CompressionWish,
  chooseAsServer,
  chooseCompressionAsServer,
  namesBytesMax,
  offeredChecksums,
  offeredCompressions,
} from "./negotiation.ts";
import type { PlainReader } from "./plain-reader.ts";

/** What a server begins with. */
export interface ServerOpening {
  /** The protocol that the lines of a daemon have settled; undefined = there were none, and it is said now. */
  readonly settled: number | undefined;
  readonly protocol: number;
  /** The client's word behind -e. */
  readonly word: ByteString;
  /** Lists may come while files do. */
  readonly mayBeIncremental: boolean;
  /** The checksums are the client's choice, and no names are told. */
  readonly checksum: ChosenChecksums | undefined;
  /** What the client's words say of compression. */
  readonly compression: CompressionWish;
  readonly seed: number;
  readonly timeoutMs: number;
}

/** What this end can do, wherever the client can. */
const ownBits =
  compat.safeListEnd |
  compat.keepsXattrRequests |
  compat.seedFirst |
  compat.varintFlags |
  compat.rootNames;

/** Shakes hands. Rejects with ManifoldError. */
export async function shakeHandsAsServer(
  reader: PlainReader,
  opening: ServerOpening,
): Promise<Agreement> {
  const { channel } = reader;
  const { timeoutMs, seed, checksum } = opening;
  const writer = new WireWriter();
  let protocol = opening.settled;
  if (protocol === undefined) {
    writer.int(opening.protocol);
    channel.send(writer.take());
    const theirs = await reader.read((cursor) => cursor.int(), timeoutMs);
    protocol = agreeOnProtocol(theirs, opening.protocol, channel.label);
  }
  const wanted = wantedBits(opening.word);
  let bits = (wanted & ownBits) | compat.linkTimes;
  if (opening.mayBeIncremental) bits |= wanted & compat.incremental;
  writer.varint(bits);
  const negotiates = (bits & compat.varintFlags) !== 0;
  const tellsChecksums = negotiates && checksum === undefined;
  if (tellsChecksums) writer.vstring(offeredChecksums());
  const tellsCompressions = negotiates && opening.compression === "negotiated";
  if (tellsCompressions) writer.vstring(offeredCompressions());
  channel.send(writer.take());
  const readNames = () => reader.read((cursor) => cursor.vstring(namesBytesMax), timeoutMs);
  let [name, listName]: ChosenChecksums = checksum ?? ["md5", "md5"];
  if (tellsChecksums) {
    name = chooseAsServer(await readNames(), channel.label);
    listName = name;
  }
  // Whoever does not negotiate speaks what there was before.
  let compression = opening.compression === "negotiated" ? "zlib" : opening.compression;
  if (tellsCompressions) compression = chooseCompressionAsServer(await readNames(), channel.label);
  assert(seed !== 0, "A seed of none is the client's to ask for.");
  writer.int(seed);
  channel.send(writer.take());
  const seedFirst = (bits & compat.seedFirst) !== 0;
  const checksums = { name, listName, seed, seedFirst };
  await prepareChecksums(checksums);
  return { protocol, compat: bits, checksums, compression };
}
