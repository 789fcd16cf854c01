// A range of entries of one directory, and everything that applying their orders needs.

import type { ByteString } from "../../base/index.ts";
import type { Orders } from "../../changeset/index.ts";
import type { NamedGroup, Origin, Pieces, TargetPlace } from "../../pipeline/index.ts";
import type { AheadContent, RowBits } from "../../session/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { EntryParts } from "./content-index-tasks.ts";
import type { MoveBases } from "./move-tasks.ts";

/** Entries of a range, at most. */
export const rangeEntriesMax = 1024;

/** Returns what a range costs, in entries' worth of work: one entry is about as much as copying 64 KiB. */
export function rangeCost(entries: number, bytes: number): number {
  return entries + Math.ceil(bytes / 65536);
}

/** What digests that came with a directory have told of its files. */
export interface Told {
  /** Their content is that of what stands under their names: their orders are for attributes alone. */
  readonly same: RowBits;
  /** It is not. */
  readonly others: RowBits;
}

/** A range of a directory's entries with everything that applying them needs. */
export interface Range {
  readonly task: {
    readonly origins: readonly Origin[];
    readonly named: readonly NamedGroup[];
    readonly content?: Uint8Array | undefined;
    readonly ahead?: AheadContent | undefined;
    readonly earlier?: readonly Uint8Array[];
    readonly lacks?: readonly number[];
    readonly feed?: SharedArrayBuffer;
    readonly start?: number;
    readonly rows?: Uint32Array;
    readonly bases?: MoveBases;
    readonly parts?: EntryParts;
  };
  readonly place: TargetPlace;
  readonly source: Directory;
  readonly target: Directory;
  readonly orders: Orders;
  readonly from: number;
  readonly to: number;
  readonly told?: Told | undefined;
  /** The content of the one entry, when several lanes copied it. */
  readonly pieces?: Pieces | undefined;
  /** The file of the target that the entry under way is made of. */
  madeOf?: ByteString | undefined;
}

/** Returns which entry of the directory's own listing entry `i` of a range is. */
export function rowOf({ task }: Pick<Range, "task">, i: number): number {
  return task.rows?.[i] ?? i;
}
