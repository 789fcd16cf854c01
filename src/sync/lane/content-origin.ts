// Where the content of a directory's entries comes from.

import type { NamedGroup, Origin } from "../../pipeline/index.ts";
import type { AheadContent } from "../../session/index.ts";

/** Where the content of a directory's entries comes from. */
export interface ContentOrigin {
  readonly origins: readonly Origin[];
  readonly named: readonly NamedGroup[];
  /** What came from another machine. */
  readonly content?: Uint8Array | undefined;
  /** What came with the directory; that of other entries is not there. */
  readonly ahead?: AheadContent | undefined;
  /** What came before of the same entries; where both have something of one, that does not count. */
  readonly earlier?: readonly Uint8Array[] | undefined;
  /** Which entries of the other end's listing the entries are; undefined = the same. */
  readonly rows?: Uint32Array | undefined;
  /** Where the content of a large file comes from another machine. */
  readonly feed?: SharedArrayBuffer | undefined;
  /** Where in that file it begins; undefined = at the start. */
  readonly start?: number | undefined;
}
