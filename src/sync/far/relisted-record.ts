// The record of a directory of which only the sum was sent, made of the listing that is kept: of what else a record may tell there is
// nothing, or it would have been sent at once.

import type { ByteString } from "../../base/index.ts";
import { ListedDirectory } from "../../changeset/index.ts";
import type { Options } from "../../options/index.ts";
import { encodeDirectory } from "../../session/index.ts";
import { Directory, type FrozenDirectory } from "../../tree/index.ts";
import type { IdNames } from "../lane/id-names.ts";
import { nameIds } from "../survey/name-ids.ts";

/** Returns session's record. The frozen listing loses the times that do not travel. */
export function relistedRecord(
  options: Options,
  names: IdNames,
  {
    path,
    listing,
    topBytes,
  }: {
    readonly path: ByteString;
    readonly listing: FrozenDirectory;
    readonly topBytes: number;
  },
): Uint8Array {
  const columns = Directory.thaw(listing);
  for (const column of ["atime", "atimeNanos", "crtime", "crtimeNanos"] as const) {
    columns[column].fill(0);
  }
  const listed = new ListedDirectory(columns);
  listed.path = path;
  nameIds(options, names, listed);
  return encodeDirectory({
    path,
    top: path.slice(0, topBytes),
    isWhole: true,
    listing: listed,
    self: undefined,
    hasInodes: false,
    absent: [],
    events: [],
  });
}
