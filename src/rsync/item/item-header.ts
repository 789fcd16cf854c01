// The header of an item: which entry it is about, what of it differs, what its sums were made of. The sender echoes it.

import type { ByteString } from "../../base/index.ts";
import { compat } from "../hello/capabilities.ts";
import type { ListTerms } from "../list/wire-entry.ts";
import type { IndexCoder } from "../wire/index-code.ts";
import type { WireCursor } from "../wire/wire-cursor.ts";
import type { WireWriter } from "../wire/wire-writer.ts";

/** What the sender has to know of the flags of an item; the others are for display. */
export const itemFlag = {
  time: 0x0008,
  size: 0x0004,
  xattrs: 0x0100,
  basisFollows: 0x0800,
  nameFollows: 0x1000,
  isNew: 0x2000,
  localChange: 0x4000,
  transfer: 0x8000,
} as const;

/** What the sums of a request were made of. */
export const basisKind = {
  own: 0x80,
  partialDir: 0x81,
  backup: 0x82,
  fuzzy: 0x83,
} as const;

const nameBytesMax = 4095;

/** Such a header, behind its index. */
export interface ItemHeader {
  readonly index: number;
  readonly flags: number;
  /** Undefined = the entry's own file. */
  readonly basis: number | undefined;
  readonly name: ByteString | undefined;
  /** Long values of extended attributes that are asked for, by their place in the set; undefined = nothing is said of that. */
  readonly wantedXattrs?: readonly number[];
}

/** Writes a header and its index; the flags say what follows. */
export function encodeItemHeader(
  writer: WireWriter,
  indices: IndexCoder,
  { index, flags, basis, name }: ItemHeader,
): void {
  indices.write(writer, index);
  writer.short(flags);
  if ((flags & itemFlag.basisFollows) !== 0) writer.byte(basis ?? basisKind.own);
  if ((flags & itemFlag.nameFollows) !== 0) writer.vstring(name ?? "");
}

/** Reads what stands behind the index. */
export function decodeItemHeader(cursor: WireCursor, index: number): ItemHeader {
  const flags = cursor.short();
  const basis = (flags & itemFlag.basisFollows) === 0 ? undefined : cursor.byte();
  const name = (flags & itemFlag.nameFollows) === 0 ? undefined : cursor.vstring(nameBytesMax);
  return { index, flags, basis, name };
}

/** Says whether something about the values of extended attributes stands behind a header with these flags. */
export function hasXattrPart(
  { list, compat: bits, dryRun = false }: XattrTerms,
  flags: number,
): boolean {
  const linked = itemFlag.nameFollows | itemFlag.localChange;
  if (!list.xattrs || dryRun || (flags & itemFlag.xattrs) === 0) return false;
  const keepsRequests = list.protocol < 31 || (bits & compat.keepsXattrRequests) !== 0;
  return keepsRequests || (flags & linked) !== linked;
}

/** What that depends on. */
export interface XattrTerms {
  readonly list: Pick<ListTerms, "xattrs" | "protocol">;
  readonly compat: number;
  readonly dryRun?: boolean;
}
