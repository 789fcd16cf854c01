// The server's part of the binary handshake: it says what both can do, which algorithms are taken, and the seed.

import type { ByteString } from "../../base/index.ts";
import { assert } from "../../base/index.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import { compat, wantedBits } from "./capabilities.ts";
import { agreeOnProtocol } from "./greeting.ts";
import type { Agreement } from "./handshake.ts";
import { chooseAsServer, namesBytesMax, offeredChecksums } from "./negotiation.ts";
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
  /** The checksum is the client's choice, and no names are told. */
  readonly checksum: ByteString | undefined;
  /** Names of compressions are told. */
  readonly tellsCompressions: boolean;
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
  // There is no codec in this role yet: whoever negotiates hears that, and sends and gets plain bytes.
  if (negotiates && opening.tellsCompressions) writer.vstring("none");
  channel.send(writer.take());
  const names = tellsChecksums
    ? await reader.read((cursor) => cursor.vstring(namesBytesMax), timeoutMs)
    : (checksum ?? "md5");
  if (negotiates && opening.tellsCompressions) {
    await reader.read((cursor) => cursor.vstring(namesBytesMax), timeoutMs);
  }
  assert(seed !== 0, "A seed of none is the client's to ask for.");
  writer.int(seed);
  channel.send(writer.take());
  const seedFirst = (bits & compat.seedFirst) !== 0;
  const name = chooseAsServer(names, channel.label);
  return { protocol, compat: bits, checksums: { name, seed, seedFirst } };
}
