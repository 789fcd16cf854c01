// The control message by which two ends agree on datagrams between them.

import type { ByteString } from "../base/index.ts";
import type { CborCursor } from "../changeset/index.ts";
import { type Field, strings } from "./message-fields.ts";

const portMax = 65_535;
const sessionMax = 0xffff_ffff;
const secretBytesMax = 1024;

/** The agent takes datagrams, where, and how they are sealed; undefined = it cannot. Control lane. */
export interface DatagramsMessage {
  readonly kind: "datagrams";
  readonly port: number | undefined;
  readonly session: number;
  readonly secret: Uint8Array;
  /** Addresses of its machine, by which the client reached it, as far as it knows. */
  readonly addresses: readonly ByteString[];
}

/** Returns its fields behind the kind. */
export function datagramsFields({
  port,
  session,
  secret,
  addresses,
}: DatagramsMessage): readonly Field[] {
  return [port, session, secret, addresses];
}

/** Reads them. Throws a protocol-data error. */
export function decodeDatagrams(cursor: CborCursor): DatagramsMessage {
  return {
    kind: "datagrams",
    port: cursor.isNull() ? undefined : cursor.uint("port", portMax),
    session: cursor.uint("session", sessionMax),
    secret: cursor.copyBytes("secret", secretBytesMax),
    addresses: strings(cursor, "addresses"),
  };
}
