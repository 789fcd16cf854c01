// Owners and groups of a changeset on this machine: an id with a name that somebody here has becomes
// that somebody's, others stay the numbers they are (rsync(1), --numeric-ids).

import type { ByteString } from "../../base/index.ts";
import type { IdNames, ListedDirectory, OrderedDirectory } from "../../changeset/index.ts";
import type { Accounts, Confinement } from "../../fs/index.ts";
import type { Directory } from "../../tree/index.ts";
import { accountsOf } from "../plan/id-maps.ts";
import { changeXattrs, mapOwners, withMappedIds } from "./shape-source.ts";

/** Translates the ids of what shall be. */
export class NamedIds {
  readonly #users = new Map<number, number>();
  readonly #groups = new Map<number, number>();
  readonly #confinement: Confinement | undefined;
  #accounts: Accounts | undefined;

  constructor(confinement?: Confinement) {
    this.#confinement = confinement;
  }

  /** Takes the names that came with the orders, and translates. */
  apply(orders: OrderedDirectory): void {
    this.#translate(orders, [orders.before.columns, orders.after.columns]);
  }

  /** Takes names that may be used before they are told. */
  learn({ users, groups }: { readonly users: IdNames; readonly groups: IdNames }): void {
    for (const [id, name] of users) this.#learn(this.#users, id, name, "user");
    for (const [id, name] of groups) this.#learn(this.#groups, id, name, "group");
  }

  /** The same for a listing. */
  translate(listed: ListedDirectory): void {
    this.#translate(listed, [listed.columns]);
  }

  #translate(
    names: Pick<ListedDirectory, "users" | "groups">,
    listings: readonly Directory[],
  ): void {
    this.learn(names);
    if (this.#users.size === 0 && this.#groups.size === 0) return;
    const user = (id: number): number => this.#users.get(id) ?? id;
    const group = (id: number): number => this.#groups.get(id) ?? id;
    for (const columns of listings) {
      mapOwners(columns, { user, group });
      changeXattrs(columns, (xattr) => withMappedIds(xattr, { user, group }));
    }
  }

  #learn(ids: Map<number, number>, id: number, name: ByteString, kind: "user" | "group"): void {
    this.#accounts ??= accountsOf(this.#confinement);
    const here = kind === "user" ? this.#accounts.userId(name) : this.#accounts.groupId(name);
    if (here !== undefined && here !== id) ids.set(id, here);
  }
}
