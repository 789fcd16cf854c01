// Names of the ids in a listing, for whoever reads it on another machine.

import type { ListedDirectory } from "../../changeset/index.ts";
import type { Options } from "../../options/index.ts";
import type { IdNames } from "../lane/id-names.ts";

/** Names the ids of a listing, in the order in which they are met. Each record does so: whoever reads the next one is another thread. */
export function nameIds(
  { preserve }: Options,
  names: IdNames,
  { columns, users, groups }: ListedDirectory,
): void {
  if (preserve.numericIds || !(preserve.owner || preserve.group)) return;
  let uid = -1;
  let gid = -1;
  for (let i = 0; i < columns.count; i++) {
    if (columns.uid[i] !== uid) {
      uid = columns.uid[i] as number;
      const name = users.has(uid) ? undefined : names.user(uid);
      if (name !== undefined) users.set(uid, name);
    }
    if (columns.gid[i] !== gid) {
      gid = columns.gid[i] as number;
      const name = groups.has(gid) ? undefined : names.group(gid);
      if (name !== undefined) groups.set(gid, name);
    }
  }
}
