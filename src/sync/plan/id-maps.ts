// Owners and groups on their way: --usermap, --groupmap and --chown. Without a map an id stays what
// it is: both ends of a run are on one machine, where an id's name leads back to the id.

import type { ByteString } from "../../base/index.ts";
import {
  type Accounts,
  type Confinement,
  convertedAccounts,
  openAccounts,
} from "../../fs/index.ts";
import { type IdMapRule, mapId, type Options } from "../../options/index.ts";
import { matchesPattern } from "../../tree/index.ts";

/** The maps of a run, target names looked up. Plain data. */
export interface IdMaps {
  readonly users: readonly IdMapRule[];
  readonly groups: readonly IdMapRule[];
}

/** Translates an id of the source. */
export type IdMapper = (id: number) => number;

/** Maps for both kinds of ids; undefined = ids stay as they are. */
export interface IdMappers {
  readonly user: IdMapper | undefined;
  readonly group: IdMapper | undefined;
}

/**
 * Looks up the names on the right sides, once a run. A rule whose name nobody has is told and dropped, so that a later
 * rule may match. Undefined when there are no maps.
 */
export function resolveIdMaps(
  options: Options,
  tell: (message: ByteString) => void,
  confinement?: Confinement,
): IdMaps | undefined {
  const { userMap, groupMap } = options.ids;
  if (userMap.length === 0 && groupMap.length === 0) return undefined;
  const accounts = accountsOf(confinement);
  return {
    users: resolveRules(userMap, accounts.userId, (name) =>
      tell(`Unknown --usermap name on receiver: ${name}`),
    ),
    groups: resolveRules(groupMap, accounts.groupId, (name) =>
      tell(`Unknown --groupmap name on receiver: ${name}`),
    ),
  };
}

function resolveRules(
  rules: readonly IdMapRule[],
  idOf: (name: ByteString) => number | undefined,
  unknown: (name: ByteString) => void,
): IdMapRule[] {
  const resolved: IdMapRule[] = [];
  // From last to first, which is the order in which rsync complains.
  for (const { from, to } of [...rules].reverse()) {
    const id = to.kind === "id" ? to.id : idOf(to.name);
    if (id !== undefined) resolved.unshift({ from, to: { kind: "id", id } });
    else if (to.kind === "name") unknown(to.name);
  }
  return resolved;
}

/** Returns who knows names of users and groups for a run. */
export function accountsOf(confinement: Confinement | undefined): Accounts {
  const { names } = confinement ?? {};
  return names === undefined ? openAccounts() : convertedAccounts(names);
}

/** Returns the translations of one lane. Names of ids are looked up as they are met, and not with --numeric-ids. */
export function idMappers(
  maps: IdMaps | undefined,
  numericIds: boolean,
  accounts: () => Accounts,
): IdMappers {
  if (maps === undefined) return { user: undefined, group: undefined };
  let opened: Accounts | undefined;
  const names = (): Accounts => (opened ??= accounts());
  return {
    user: mapper(maps.users, (id) => (numericIds ? "" : (names().userName(id) ?? ""))),
    group: mapper(maps.groups, (id) => (numericIds ? "" : (names().groupName(id) ?? ""))),
  };
}

function mapper(
  rules: readonly IdMapRule[],
  nameOf: (id: number) => ByteString,
): IdMapper | undefined {
  if (rules.length === 0) return undefined;
  const known = new Map<number, number>();
  return (id) => {
    let mapped = known.get(id);
    if (mapped === undefined) {
      const to = mapId(rules, id, nameOf(id), matchesPattern);
      mapped = to?.kind === "id" ? to.id : id;
      known.set(id, mapped);
    }
    return mapped;
  };
}
