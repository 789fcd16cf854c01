// What the two ends of a cast say over the control channel to one target. Arrays, the kind first.

import { fromText, toText } from "../base/index.ts";
import { pack, reading, view } from "./message-fields.ts";

/** What the master says. Listing lane. */
export type CastOrder =
  /** The stream begins: how its datagrams are known, and when to report. Without an address there are none. */
  | {
      readonly kind: "stream";
      readonly session: number;
      readonly secret: Uint8Array;
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
  /** It has written and flushed so many bytes, or could not. */
  | ({ readonly kind: "tried" } & WriteTrial)
  /** It has every byte, and all of it is right. */
  | ({ readonly kind: "staged" } & CastArrival);

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

const orderKinds = [
  "stream",
  "length",
  "unicast",
  "commit",
  "early",
  "held",
  "own",
  "try",
] as const;
const answerKinds = ["standing", "joined", "report", "pull", "staged", "held", "tried"] as const;
const addressBytesMax = 64;
const secretBytesMax = 64;
const digestBytesMax = 64;
const reasonBytesMax = 1024;
const blockBytesMax = 65_536;
const millisecondsMax = 60_000;
const portMax = 65_535;
const sessionMax = 2 ** 32 - 1;
const fieldsMax = 9;

/** Returns the message's bytes. */
export function encodeCastOrder(order: CastOrder): Uint8Array {
  const kind = orderKinds.indexOf(order.kind);
  if (order.kind === "length") return pack(kind, order.bytes);
  if (order.kind === "early") return pack(kind, order.block);
  if (order.kind === "held") return pack(kind, order.block, order.count);
  if (order.kind === "own") return pack(kind, order.piece);
  if (order.kind !== "stream") return pack(kind);
  const { session, secret, address, port, source, blockBytes, everyMs, phaseMs } = order;
  return pack(kind, session, secret, address, port, source, blockBytes, everyMs, phaseMs);
}

/** Reads a message of the master; a piece is a view. Throws a protocol-data error. */
export function decodeCastOrder(bytes: Uint8Array): CastOrder {
  return reading("cast order", bytes, fieldsMax, (cursor, fields): CastOrder => {
    const kind = orderKinds[cursor.uint("kind", orderKinds.length - 1)] ?? "commit";
    if (kind === "early" && fields === 2) return { kind, block: cursor.uint("block") };
    if (kind === "held" && fields === 3) {
      return { kind, block: cursor.uint("block"), count: cursor.uint("count") };
    }
    if (kind === "own" && fields === 2) return { kind, piece: view(cursor, "piece") };
    if (kind === "length" && fields === 2) return { kind, bytes: cursor.uint("bytes") };
    if ((kind === "unicast" || kind === "commit" || kind === "try") && fields === 1) {
      return { kind };
    }
    if (kind !== "stream" || fields !== 9) {
      throw cursor.error("message", "it has not the fields of its kind");
    }
    return {
      kind,
      session: cursor.uint("session", sessionMax),
      secret: cursor.copyBytes("secret", secretBytesMax),
      address: cursor.isNull() ? undefined : cursor.byteString("address", addressBytesMax),
      port: cursor.uint("port", portMax),
      source: cursor.isNull() ? undefined : cursor.byteString("source", addressBytesMax),
      blockBytes: cursor.uint("block", blockBytesMax),
      everyMs: cursor.uint("every", millisecondsMax),
      phaseMs: cursor.uint("phase", millisecondsMax),
    };
  });
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
  if (answer.kind === "tried") {
    const { reason } = answer;
    return pack(kind, answer.bytes, answer.microseconds, reason && fromText(reason));
  }
  const { datagrams, bytes: length, missed, pulled, digest } = answer;
  return pack(kind, datagrams, length, missed, pulled, digest);
}

/** Reads a message of a target; pieces and reports are views. Throws a protocol-data error. */
export function decodeCastAnswer(bytes: Uint8Array): CastAnswer {
  return reading("cast answer", bytes, fieldsMax, (cursor, fields): CastAnswer => {
    const kind = answerKinds[cursor.uint("kind", answerKinds.length - 1)] ?? "staged";
    if (kind === "standing" && fields === 2) return { kind, piece: view(cursor, "piece") };
    if (kind === "held" && fields === 2) return { kind, sums: view(cursor, "sums") };
    if (kind === "report" && fields === 2) return { kind, report: view(cursor, "report") };
    if (kind === "joined" && fields === 5) {
      return {
        ...{ kind, isMember: cursor.bool("member"), receiveBytes: cursor.uint("buffer") },
        ...{ room: cursor.uint("room"), time: cursor.uint("time") },
      };
    }
    if (kind === "pull" && fields === 3) {
      return { kind, block: cursor.uint("block"), count: cursor.uint("count") };
    }
    if (kind === "tried" && fields === 4) {
      const reason = (): string => toText(cursor.byteString("reason", reasonBytesMax));
      return {
        ...{ kind, bytes: cursor.uint("bytes"), microseconds: cursor.uint("microseconds") },
        reason: cursor.isNull() ? undefined : reason(),
      };
    }
    if (kind === "staged" && fields === 6) {
      return {
        kind,
        datagrams: cursor.uint("datagrams"),
        bytes: cursor.uint("bytes"),
        missed: cursor.uint("missed"),
        pulled: cursor.uint("pulled"),
        digest: cursor.copyBytes("digest", digestBytesMax),
      };
    }
    throw cursor.error("message", "it has not the fields of its kind");
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
