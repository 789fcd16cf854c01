// Where the content of a directory's entries comes from.

import type { NamedGroup, Origin } from "../../pipeline/index.ts";

/** Where the content of a directory's entries comes from. */
export interface ContentOrigin {
  readonly origins: readonly Origin[];
  readonly named: readonly NamedGroup[];
  /** What came from another machine. */
  readonly content?: Uint8Array | undefined;
  /** Which entries of the other end's listing the entries are; undefined = the same. */
  readonly rows?: Uint32Array | undefined;
  /** Where the content of a large file comes from another machine. */
  readonly feed?: SharedArrayBuffer | undefined;
}
