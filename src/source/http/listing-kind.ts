// How a site's files are listed: by pages, one for each directory, or by a file that has them all.

import type { ByteString } from "../../base/index.ts";
import type { SourceAbilities, SourceListing } from "../source.ts";

/** Such a way. */
export interface ListingKind {
  /** For people: "directory indexes", "ls-lR.gz". */
  readonly name: string;
  readonly listsAtOnce: boolean;
  readonly tells: SourceAbilities["tells"];
  readonly timeStep: number;
  readonly generation: string | undefined;
  /** Other places of the same tree that the list names, the best first. */
  readonly mirrors?: readonly { readonly url: string }[] | undefined;
  list(path: ByteString, signal: AbortSignal): Promise<SourceListing>;
}

/** What is told by a listing that has names, sizes and times. */
export const tellsLittle: SourceAbilities["tells"] = {
  modes: false,
  owners: false,
  symlinks: false,
  devices: false,
  hardLinks: false,
  directoryTimes: false,
};
