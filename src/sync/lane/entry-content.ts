// The content of a listing's entries, from wherever they are.

import type { ContentSource } from "../../pipeline/index.ts";

/** Content that is opened entry by entry; whoever asked for it closes it. */
export interface EntryContent extends ContentSource {
  /** Lets go of what is kept open between entries. */
  close(): void;
}
