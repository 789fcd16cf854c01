// From a catalog's entries to a source's.

import { type ByteString, baseName } from "../../base/index.ts";
import type { CatalogEntry } from "../../catalog/index.ts";
import type { ListedEntry } from "../source.ts";

/** Returns an entry in a source's words; `seconds` is its time, put right, undefined = not known. Undefined for what cannot be fetched. */
export function listedEntry(
  entry: CatalogEntry,
  seconds: number | undefined,
): ListedEntry | undefined {
  const { kind, path, size, sizeSlack, time, mode, linkTarget, digest } = entry;
  if (kind === "other") return undefined;
  return {
    name: baseName(path),
    kind,
    ...(size !== undefined && { size }),
    ...(sizeSlack !== undefined && sizeSlack > 0 && { sizeSlack }),
    ...(seconds !== undefined && { mtime: seconds, mtimeNanos: time?.nanos ?? 0 }),
    ...(mode !== undefined && { mode }),
    ...namesOf(entry),
    ...(linkTarget !== undefined && { linkTarget }),
    ...(digest !== undefined && { digest }),
  };
}

/** Owners are numbers or names. */
function namesOf({ user, group }: CatalogEntry): Partial<ListedEntry> {
  return {
    ...(user !== undefined && (isNumber(user) ? { uid: Number(user) } : { user })),
    ...(group !== undefined && (isNumber(group) ? { gid: Number(group) } : { group })),
  };
}

function isNumber(text: ByteString): boolean {
  return /^\d{1,9}$/.test(text);
}
