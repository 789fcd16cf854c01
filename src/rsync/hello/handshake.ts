// The client's part of the binary handshake: protocol, compatibility, algorithms, seed.

import { type ByteString, toBytes } from "../../base/index.ts";
import type { Checksums } from "../checksums.ts";
import { WireWriter } from "../wire/wire-writer.ts";
import { compat } from "./capabilities.ts";
import { agreeOnProtocol } from "./greeting.ts";
import { chooseChecksum, namesBytesMax, offeredChecksums } from "./negotiation.ts";
import type { PlainReader } from "./plain-reader.ts";

/** What two ends have agreed on before files are spoken of. */
export interface Agreement {
  readonly protocol: number;
  /** Bits of `compat`. */
  readonly compat: number;
  readonly checksums: Checksums;
}

/** How a handshake begins. */
export interface Opening {
  /** The protocol that the lines of a daemon have settled; undefined = there were none, and it is said now. */
  readonly settled: number | undefined;
  /** The highest that is to be spoken. */
  readonly protocol: number;
  /** What goes ahead of everything: a daemon's list of arguments. */
  readonly first: ByteString;
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
  let name: Checksums["name"] = "md5";
  if ((bits & compat.varintFlags) !== 0) {
    writer.vstring(offeredChecksums());
    channel.send(writer.take());
    const theirs = await reader.read((cursor) => cursor.vstring(namesBytesMax), timeoutMs);
    name = chooseChecksum(theirs, channel.label);
  }
  const seed = await reader.read((cursor) => cursor.int(), timeoutMs);
  const seedFirst = (bits & compat.seedFirst) !== 0;
  return { protocol, compat: bits, checksums: { name, seed, seedFirst } };
}
