// A range of entries of one directory, and everything that applying their orders needs.

import type { Orders } from "../../changeset/index.ts";
import type { NamedGroup, Origin, Pieces, TargetPlace } from "../../pipeline/index.ts";
import type { Directory } from "../../tree/index.ts";

/** A range of a directory's entries with everything that applying them needs. */
export interface Range {
  readonly task: {
    readonly origins: readonly Origin[];
    readonly named: readonly NamedGroup[];
    readonly content?: Uint8Array;
    readonly feed?: SharedArrayBuffer;
  };
  readonly place: TargetPlace;
  readonly source: Directory;
  readonly target: Directory;
  readonly orders: Orders;
  readonly from: number;
  readonly to: number;
  /** The content of the one entry, when several lanes copied it. */
  readonly pieces?: Pieces | undefined;
}
