// The task of carrying out orders, which others are made of.

import type { ByteString } from "../../base/index.ts";
import type { FrozenOrders } from "../../changeset/index.ts";
import type { NamedGroup, Origin, Pieces } from "../../pipeline/index.ts";
import type { FrozenDirectory } from "../../tree/index.ts";
import type { EntryParts } from "./content-index-tasks.ts";
import type { LinkedTo } from "./link-groups.ts";
import type { MoveBases } from "./move-tasks.ts";
import type { Told } from "./range.ts";

/** Apply the orders of entries `from` up to `to` of a surveyed directory. */
export interface ApplyTask {
  readonly kind: "apply";
  readonly node: number;
  readonly path: ByteString;
  readonly origins: readonly Origin[];
  readonly named: readonly NamedGroup[];
  readonly source: FrozenDirectory;
  readonly target: FrozenDirectory;
  readonly orders: FrozenOrders;
  readonly from: number;
  readonly to: number;
  /** The content of the range's files, where it came from another machine. */
  readonly content?: Uint8Array;
  /** What came of it before: some of it had to be wished for once more. */
  readonly earlier?: readonly Uint8Array[];
  /** Entries that are wished for once more, by their place in the range; undefined = all are, for the first time. */
  readonly lacks?: readonly number[];
  /** Set when the one entry is a large file whose content comes in pieces: where (ContentFeed). */
  readonly feed?: SharedArrayBuffer;
  /** Where in the file what comes begins. */
  readonly start?: number;
  /** Which entries of the directory's own listing the range's are, by their place in this one; undefined = the same. */
  readonly rows?: Uint32Array;
  /** Files of the target that the range's entries may be made of. */
  readonly bases?: MoveBases;
  /** Parts of the range's entries that files of the target have. */
  readonly parts?: EntryParts;
  readonly told?: Told | undefined;
  /** Set for a name of a hard-link group: what it is to be linked to. */
  readonly leader?: LinkedTo;
  /** Set when the one entry is a large file whose content is there. */
  readonly pieces?: Pieces;
  /** Set when the one entry is a large file whose order was to compare it: what came out. */
  readonly compared?: "equal" | "different";
}
