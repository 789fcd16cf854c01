// What a listing says beyond its columns, told once for the whole tree: which names are hard links
// of one file, and how ids are called here.

import { type ByteString, joinPath } from "../../base/index.ts";
import type { ListedDirectory } from "../../changeset/index.ts";
import { type Accounts, openAccounts } from "../../fs/index.ts";
import { groupKey, isHardLinked } from "../tasks/link-groups.ts";

/** Names of one hard-link group: the first, and how many are still to come. */
interface Group {
  readonly path: ByteString;
  left: number;
}

/** Finds names of the same file in directories that come one after another. */
export class ListedLinks {
  readonly #groups = new Map<string, Group>();

  /** Notes for each name but the first of a group the path of that one. */
  note({ path, columns, states }: ListedDirectory): void {
    for (let i = 0; i < columns.count; i++) {
      if (!isHardLinked(columns, i)) continue;
      const key = groupKey(columns, i);
      const group = this.#groups.get(key);
      if (group === undefined) {
        const left = (columns.nlink[i] as number) - 1;
        this.#groups.set(key, { path: joinPath(path, columns.name(i)), left });
      } else {
        states.links.set(i, group.path);
        if (--group.left === 0) this.#groups.delete(key);
      }
    }
  }
}

/** Names ids where they are met first. */
export class ListedIds {
  readonly #users = new Set<number>();
  readonly #groups = new Set<number>();
  #accounts: Accounts | undefined;

  /** Adds the names of ids that no directory before had. */
  note({ columns, users, groups }: ListedDirectory): void {
    this.#accounts ??= openAccounts();
    for (let i = 0; i < columns.count; i++) {
      const [uid, gid] = [columns.uid[i] as number, columns.gid[i] as number];
      if (!this.#users.has(uid)) {
        this.#users.add(uid);
        const name = this.#accounts.userName(uid);
        if (name !== undefined) users.set(uid, name);
      }
      if (!this.#groups.has(gid)) {
        this.#groups.add(gid);
        const name = this.#accounts.groupName(gid);
        if (name !== undefined) groups.set(gid, name);
      }
    }
  }
}
