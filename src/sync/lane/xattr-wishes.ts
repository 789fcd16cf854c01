// Which extended attributes travel (rsync(1), --acls and --xattrs). Without filter rules about
// attributes: all but the system's own on the source, of those only the user's where the target
// cannot take others. A rule with the modifier x takes the place of that choice.

import type { ByteString } from "../../base/index.ts";
import type { XattrWishes } from "../../pipeline/index.ts";
import type { LaneSettings } from "../plan/lane-settings.ts";
import { isSuperUser } from "../plan/stage-options.ts";
import type { LaneFilters } from "./lane-filters.ts";

/** What rsync keeps its own things under; they travel only with -XX. */
const reservedPrefix = "user.rsync.%";

/** Returns what is read of source entries; undefined = nothing. */
export function sourceXattrs(
  settings: LaneSettings,
  filters: () => LaneFilters | undefined,
): XattrWishes | undefined {
  const { acls, xattrs } = settings.options.preserve;
  const hasRules = settings.filterRules?.hasXattrRules === true;
  const userOnly = !isSuperUser(settings);
  const named = (name: ByteString): boolean => {
    if (xattrs < 2 && name.startsWith(reservedPrefix)) return false;
    if (!hasRules) return userOnly ? name.startsWith("user.") : !name.startsWith("system.");
    const rules = filters();
    return !(rules?.excludesXattr("source", name) || rules?.excludesXattr("target", name));
  };
  return wishes(acls, xattrs > 0 ? named : undefined);
}

/**
 * Returns what is compared, and removed where the source has it not; undefined = nothing. Reserved names are no
 * exception here: they are ours only with --fake-super, whose file door hides them.
 */
export function targetXattrs(
  settings: LaneSettings,
  filters: () => LaneFilters | undefined,
): XattrWishes | undefined {
  const { acls, xattrs } = settings.options.preserve;
  const hasRules = settings.filterRules?.hasXattrRules === true;
  const userOnly = !isSuperUser(settings);
  const named = (name: ByteString): boolean => {
    if (hasRules) return filters()?.excludesXattr("target", name) !== true;
    return userOnly ? name.startsWith("user.") : !name.startsWith("system.");
  };
  return wishes(acls, xattrs > 0 ? named : undefined);
}

/**
 * Under which name the target keeps an attribute: without privileges, and with filter rules that let it pass, one
 * outside of the user's namespace is kept inside of it, as rsync does.
 */
export function keptXattrName(
  settings: LaneSettings,
): ((name: ByteString) => ByteString) | undefined {
  const renames =
    settings.options.preserve.xattrs > 0 &&
    settings.filterRules?.hasXattrRules === true &&
    !isSuperUser(settings);
  if (!renames) return undefined;
  return (name) => (name.startsWith("user.") ? name : `user.rsync.${name}`);
}

function wishes(acls: boolean, named: XattrWishes["named"]): XattrWishes | undefined {
  return acls || named !== undefined ? { acls, named } : undefined;
}
