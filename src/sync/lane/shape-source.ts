// What the user wants changed about source entries on their way: permissions (--chmod), owners and
// groups (--usermap and kin), names of attributes. Done to a listing as soon as it was read, so that
// every later stage takes the outcome for what the source has.

import { applyChmod, type ChmodRule } from "../../options/index.ts";
import {
  type Directory,
  formatAcl,
  isAclName,
  isDirectory,
  isSymlink,
  mapAclIds,
  parseAcl,
  type Xattr,
} from "../../tree/index.ts";
import { accountsOf, type IdMappers, idMappers } from "../plan/id-maps.ts";
import type { LaneSettings } from "../plan/lane-settings.ts";
import { keptXattrName } from "./xattr-wishes.ts";

/** Changes a source listing. */
export type SourceShaper = (listing: Directory) => void;

/** Says whether it is done at this end: a target elsewhere does it itself, unless it speaks rsync's protocol. */
export function shapesSource({ far, farSums }: LaneSettings): boolean {
  return far !== "target" || farSums !== undefined;
}

/** Returns what has to be done to source listings; undefined = nothing, which is the usual case. */
export function sourceShaper(settings: LaneSettings): SourceShaper | undefined {
  const { chmod, preserve } = settings.options;
  const mappers = idMappers(settings.idMaps, preserve.numericIds, () =>
    accountsOf(settings.confinement),
  );
  const steps: SourceShaper[] = [];
  if (chmod.length > 0) steps.push((listing) => changeModes(listing, chmod, settings.umask));
  if (mappers.user !== undefined || mappers.group !== undefined) {
    steps.push((listing) => mapOwners(listing, mappers));
    // With --numeric-ids, rsync leaves the ids inside of access control lists alone.
    if (preserve.acls && !preserve.numericIds) {
      steps.push((listing) => changeXattrs(listing, (xattr) => withMappedIds(xattr, mappers)));
    }
  }
  const nameOf = keptXattrName(settings);
  if (nameOf !== undefined) {
    const keepsAcls = preserve.acls;
    steps.push((listing) =>
      changeXattrs(listing, (xattr) =>
        keepsAcls && isAclName(xattr.name) ? xattr : { ...xattr, name: nameOf(xattr.name) },
      ),
    );
  }
  if (steps.length === 0) return undefined;
  return (listing) => {
    for (const step of steps) step(listing);
  };
}

function changeModes(listing: Directory, rules: readonly ChmodRule[], umask: number): void {
  for (let i = 0; i < listing.count; i++) {
    const mode = listing.mode[i] as number;
    if (mode !== 0 && !isSymlink(mode))
      listing.mode[i] = applyChmod(mode, isDirectory(mode), rules, umask);
  }
}

/** Translates owners and groups. */
export function mapOwners(listing: Directory, { user, group }: IdMappers): void {
  for (let i = 0; i < listing.count; i++) {
    if (user !== undefined) listing.uid[i] = user(listing.uid[i] as number);
    if (group !== undefined) listing.gid[i] = group(listing.gid[i] as number);
  }
}

/** Changes the attributes of all entries. Side tables are shared with nobody yet; names stay sorted. */
export function changeXattrs(listing: Directory, change: (xattr: Xattr) => Xattr): void {
  for (const [index, xattrs] of listing.xattrs) {
    const changed = xattrs.map(change);
    listing.setXattrs(
      index,
      changed.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    );
  }
}

/** Translates the ids in an access control list. */
export function withMappedIds(xattr: Xattr, { user, group }: IdMappers): Xattr {
  if (!isAclName(xattr.name)) return xattr;
  const acl = parseAcl(xattr.value);
  if (acl === undefined || acl.named.length === 0) return xattr;
  const same = (id: number): number => id;
  const mapped = mapAclIds(acl, user ?? same, group ?? same);
  return { name: xattr.name, value: formatAcl(mapped) };
}
