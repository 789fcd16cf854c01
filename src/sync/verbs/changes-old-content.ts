// Which orders give a file new content that can begin from its old one.

import { type OrderedDirectory, orderKind } from "../../changeset/index.ts";
import { isRegular } from "../../tree/index.ts";

/** Says whether a row changes a regular file to a regular file. */
export function changesOldContent({ before, after, kind }: OrderedDirectory, row: number): boolean {
  return (
    kind[row] === orderKind.change &&
    isRegular(before.columns.mode[row] as number) &&
    isRegular(after.columns.mode[row] as number)
  );
}
