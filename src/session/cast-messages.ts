// What the two ends of a cast say over the control channel to one target. Arrays, the kind first.

import { type ByteString, fromText, toText } from "../base/index.ts";
import { type CborCursor, isGoodPath } from "../changeset/index.ts";
import { pack, reading, view } from "./message-fields.ts";

/** What the master says. Listing lane. */
export type CastOrder =
  /** The stream begins: how its datagrams are known, and when to report. Without an address there are none. */
  | {
      readonly kind: "stream";
      readonly session: number;
      readonly secret: Uint8Array;
      /** The number of that secret. */
      readonly epoch: number;
      readonly address: string | undefined;
      readonly port: number;
      /** The only address whose datagrams are taken; undefined = any. */
      readonly source: string | undefined;
      readonly blockBytes: number;
      readonly everyMs: number;
      readonly phaseMs: number;
    }
  /** The stream has so many bytes. */
  | { readonly kind: "length"; readonly bytes: number }
  /** What is missing comes over this channel, if it is asked for. */
  | { readonly kind: "unicast" }
  /** Apply what came. */
  | { readonly kind: "commit" }
  /** What is missing before this block was sent already, and comes over this channel. */
  | { readonly kind: "early"; readonly block: number }
  /** These blocks of what an earlier cast left are those of this stream. */
  | { readonly kind: "held"; readonly block: number; readonly count: number }
  /** A piece of orders of its own, before the stream begins: that has only content for them. */
  | { readonly kind: "own"; readonly piece: Uint8Array }
  /** From the first datagram that opens under this secret on none is taken under an earlier one. */
  | { readonly kind: "rekey"; readonly secret: Uint8Array; readonly epoch: number }
  /** Sums of the next stretches of the stream, one after the other, and what they are made with. */
  | { readonly kind: "sums"; readonly sums: Uint8Array; readonly digest: "blake3" | "sha256" }
  /** Tell sums of the blocks of this file, which the target has. Answers come in the order of these. */
  | { readonly kind: "sign"; readonly path: ByteString; readonly digest: "blake3" | "sha256" }
  /** Find out how fast it writes where its target is; before nothing but the end. */
  | { readonly kind: "try" };

/** What a target says. Request lane. */
export type CastAnswer =
  /** A piece of its listing; without a byte: that was all. */
  | { readonly kind: "standing"; readonly piece: Uint8Array }
  /** It takes datagrams, or not. */
  | {
      readonly kind: "joined";
      readonly isMember: boolean;
      /** How many bytes of them may wait in its kernel, and how many are free where it writes; 0 = nobody tells. */
      readonly receiveBytes: number;
      readonly room: number;
      /** Its clock: milliseconds since 1970. */
      readonly time: number;
    }
  | { readonly kind: "report"; readonly report: Uint8Array }
  | { readonly kind: "pull"; readonly block: number; readonly count: number }
  /** Sums of the next stretches of what an earlier cast left, one after the other. */
  | { readonly kind: "held"; readonly sums: Uint8Array }
  /** Datagrams brought what is not the stream's: it takes none any more, and pulls what is wrong and missing. */
  | { readonly kind: "poisoned" }
  /** The sums of a file's blocks; of no bytes: it cannot be had. */
  | ({ readonly kind: "signature" } & SignedBlocks)
  /** It has written and flushed so many bytes, or could not. */
  | ({ readonly kind: "tried" } & WriteTrial)
  /** It has every byte, and all of it is right. */
  | ({ readonly kind: "staged" } & CastArrival);

/** Sums of the blocks of a file: two columns. */
export interface SignedBlocks {
  readonly fileLength: number;
  readonly blockLength: number;
  /** The rolling checksum of each, and the first 16 bytes of its digest. */
  readonly weak: Uint32Array;
  readonly strong: Uint8Array;
}

/** How writing went where a target is. */
export interface WriteTrial {
  readonly bytes: number;
  readonly microseconds: number;
  /** Why it could not; undefined = it could. */
  readonly reason: string | undefined;
}

/** How a stream came to a target. */
export interface CastArrival {
  /** Datagrams that came, their bytes, and how many did not come. */
  readonly datagrams: number;
  readonly bytes: number;
  readonly missed: number;
  /** Blocks that were pulled. */
  readonly pulled: number;
  /** What the stream is known by. */
  readonly digest: Uint8Array;
}

/** Blocks that were pulled. Content lane. */
export interface CastBlocks {
  readonly block: number;
  readonly bytes: Uint8Array;
}

/** Kinds in the order of their numbers, each with how many fields it has, its own number included. */
const orderFields = {
  stream: 10,
  length: 2,
  unicast: 1,
  commit: 1,
  early: 2,
  held: 3,
  own: 2,
  try: 1,
  rekey: 3,
  sums: 3,
  sign: 3,
} as const;
const answerFields = {
  standing: 2,
  joined: 5,
  report: 2,
  pull: 3,
  staged: 6,
  held: 2,
  tried: 4,
  poisoned: 1,
  signature: 5,
} as const;
const orderKinds = Object.keys(orderFields) as CastOrder["kind"][];
const answerKinds = Object.keys(answerFields) as CastAnswer["kind"][];
/** Of addresses, secrets and digests. */
const shortBytesMax = 64;
const pathBytesMax = 65_536;
const reasonBytesMax = 1024;
const blockBytesMax = 65_536;
const millisecondsMax = 60_000;
const portMax = 65_535;
const sessionMax = 2 ** 32 - 1;
const epochMax = 2 ** 16 - 1;
const fieldsMax = 10;

/** Returns the message's bytes. */
export function encodeCastOrder(order: CastOrder): Uint8Array {
  const kind = orderKinds.indexOf(order.kind);
  if (order.kind === "length") return pack(kind, order.bytes);
  if (order.kind === "early") return pack(kind, order.block);
  if (order.kind === "held") return pack(kind, order.block, order.count);
  if (order.kind === "own") return pack(kind, order.piece);
  if (order.kind === "sign") return pack(kind, order.path, order.digest === "blake3");
  if (order.kind === "sums") return pack(kind, order.sums, order.digest === "blake3");
  if (order.kind === "rekey") return pack(kind, order.secret, order.epoch);
  if (order.kind !== "stream") return pack(kind);
  const { session, secret, epoch, address, port, source, blockBytes, everyMs, phaseMs } = order;
  return pack(kind, session, secret, epoch, address, port, source, blockBytes, everyMs, phaseMs);
}

/** Reads a message of the master; pieces and sums are views. Throws a protocol-data error. */
export function decodeCastOrder(bytes: Uint8Array): CastOrder {
  return reading("cast order", bytes, fieldsMax, (cursor, fields): CastOrder => {
    const kind = kindOf(cursor, fields, orderKinds, orderFields);
    switch (kind) {
      case "stream":
        return { kind, ...readStream(cursor) };
      case "length":
        return { kind, bytes: cursor.uint("bytes") };
      case "early":
        return { kind, block: cursor.uint("block") };
      case "held":
        return { kind, block: cursor.uint("block"), count: cursor.uint("count") };
      case "own":
        return { kind, piece: view(cursor, "piece") };
      case "rekey":
        return { kind, secret: readSecret(cursor), epoch: cursor.uint("epoch", epochMax) };
      case "sign": {
        const path = cursor.byteString("path", pathBytesMax);
        if (path === "" || !isGoodPath(path)) throw cursor.error("path", "it is none in a tree");
        return { kind, path, digest: cursor.bool("digest") ? "blake3" : "sha256" };
      }
      case "sums": {
        const sums = view(cursor, "sums");
        return { kind, sums, digest: cursor.bool("digest") ? "blake3" : "sha256" };
      }
      default:
        return { kind };
    }
  });
}

/** Returns the kind of a message, which has as many fields as that has. */
function kindOf<Kind extends string>(
  cursor: CborCursor,
  fields: number,
  kinds: readonly Kind[],
  counts: Readonly<Record<Kind, number>>,
): Kind {
  const kind = kinds[cursor.uint("kind", kinds.length - 1)];
  if (kind !== undefined && counts[kind] === fields) return kind;
  throw cursor.error("message", "it has not the fields of its kind");
}

function readStream(cursor: CborCursor): Omit<CastOrder & { readonly kind: "stream" }, "kind"> {
  return {
    session: cursor.uint("session", sessionMax),
    secret: readSecret(cursor),
    epoch: cursor.uint("epoch", epochMax),
    address: cursor.isNull() ? undefined : cursor.byteString("address", shortBytesMax),
    port: cursor.uint("port", portMax),
    source: cursor.isNull() ? undefined : cursor.byteString("source", shortBytesMax),
    blockBytes: cursor.uint("block", blockBytesMax),
    everyMs: cursor.uint("every", millisecondsMax),
    phaseMs: cursor.uint("phase", millisecondsMax),
  };
}

function readSecret(cursor: CborCursor): Uint8Array {
  return cursor.copyBytes("secret", shortBytesMax);
}

/** Returns the message's bytes. */
export function encodeCastAnswer(answer: CastAnswer): Uint8Array {
  const kind = answerKinds.indexOf(answer.kind);
  if (answer.kind === "standing") return pack(kind, answer.piece);
  if (answer.kind === "joined") {
    return pack(kind, answer.isMember, answer.receiveBytes, answer.room, answer.time);
  }
  if (answer.kind === "report") return pack(kind, answer.report);
  if (answer.kind === "held") return pack(kind, answer.sums);
  if (answer.kind === "pull") return pack(kind, answer.block, answer.count);
  if (answer.kind === "poisoned") return pack(kind);
  if (answer.kind === "signature") {
    const { weak } = answer;
    const columns = new Uint8Array(weak.buffer, weak.byteOffset, weak.byteLength);
    return pack(kind, answer.fileLength, answer.blockLength, columns, answer.strong);
  }
  if (answer.kind === "tried") {
    const { reason } = answer;
    return pack(kind, answer.bytes, answer.microseconds, reason && fromText(reason));
  }
  const { datagrams, bytes: length, missed, pulled, digest } = answer;
  return pack(kind, datagrams, length, missed, pulled, digest);
}

/** Reads a message of a target; pieces, sums and reports are views. Throws a protocol-data error. */
export function decodeCastAnswer(bytes: Uint8Array): CastAnswer {
  return reading("cast answer", bytes, fieldsMax, (cursor, fields): CastAnswer => {
    const kind = kindOf(cursor, fields, answerKinds, answerFields);
    switch (kind) {
      case "standing":
        return { kind, piece: view(cursor, "piece") };
      case "held":
        return { kind, sums: view(cursor, "sums") };
      case "report":
        return { kind, report: view(cursor, "report") };
      case "pull":
        return { kind, block: cursor.uint("block"), count: cursor.uint("count") };
      case "joined":
        return {
          ...{ kind, isMember: cursor.bool("member"), receiveBytes: cursor.uint("buffer") },
          ...{ room: cursor.uint("room"), time: cursor.uint("time") },
        };
      case "signature": {
        const layout = { fileLength: cursor.uint("length"), blockLength: cursor.uint("block") };
        // A copy, which is aligned.
        const weak = view(cursor, "weak").slice();
        if (weak.length % 4 !== 0) throw cursor.error("weak", "it has parts of sums");
        const strong = view(cursor, "strong").slice();
        return { kind, ...layout, weak: new Uint32Array(weak.buffer), strong };
      }
      case "tried": {
        const done = { bytes: cursor.uint("bytes"), microseconds: cursor.uint("microseconds") };
        const reason = (): string => toText(cursor.byteString("reason", reasonBytesMax));
        return { kind, ...done, reason: cursor.isNull() ? undefined : reason() };
      }
      case "staged":
        return {
          ...{ kind, datagrams: cursor.uint("datagrams"), bytes: cursor.uint("bytes") },
          ...{ missed: cursor.uint("missed"), pulled: cursor.uint("pulled") },
          digest: cursor.copyBytes("digest", shortBytesMax),
        };
      default:
        return { kind };
    }
  });
}

/** Returns the message's bytes. */
export function encodeCastBlocks({ block, bytes }: CastBlocks): Uint8Array {
  return pack(block, bytes);
}

/** Reads blocks; they are a view. Throws a protocol-data error. */
export function decodeCastBlocks(message: Uint8Array): CastBlocks {
  return reading("blocks", message, 2, (cursor, fields) => {
    if (fields !== 2) throw cursor.error("message", "it has not 2 fields");
    return { block: cursor.uint("block"), bytes: view(cursor, "bytes") };
  });
}
