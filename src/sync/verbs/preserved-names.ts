// Which attributes travel, as changesets say it.

import type { Preserved } from "../../changeset/index.ts";
import type { Options } from "../../options/index.ts";
import type { AttributeRules } from "../../tree/index.ts";

/** Returns the names of what the run keeps. */
export function preservedNames({ preserve }: Options, rules: AttributeRules): readonly Preserved[] {
  const names: Preserved[] = [];
  if (rules.mode) names.push("mode");
  else if (rules.executability) names.push("executability");
  if (rules.times) names.push("mtime");
  if (rules.atimes) names.push("atime");
  if (rules.owner) names.push("owner");
  if (rules.group !== "none") names.push("group");
  if (rules.acls) names.push("acls");
  if (rules.xattrs) names.push("xattrs");
  if (preserve.hardLinks) names.push("hard-links");
  return names;
}

/** Returns what both of two streams of listings have. */
export function commonNames(
  source: { readonly preserves: readonly Preserved[] },
  target: { readonly preserves: readonly Preserved[] },
): readonly Preserved[] {
  return source.preserves.filter((name) => target.preserves.includes(name));
}

/** Returns the rules with what is not named taken out. */
export function narrowedRules(
  rules: AttributeRules,
  preserves: readonly Preserved[],
): AttributeRules {
  const has = (name: Preserved): boolean => preserves.includes(name);
  return {
    ...rules,
    mode: rules.mode && has("mode"),
    executability: rules.executability && (has("executability") || has("mode")),
    times: rules.times && has("mtime"),
    dirTimes: rules.dirTimes && has("mtime"),
    linkTimes: rules.linkTimes && has("mtime"),
    atimes: rules.atimes && has("atime"),
    linkAtimes: rules.linkAtimes && has("atime"),
    crtimes: rules.crtimes && has("crtime"),
    owner: rules.owner && has("owner"),
    group: has("group") ? rules.group : "none",
    acls: rules.acls && has("acls"),
    xattrs: rules.xattrs && has("xattrs"),
  };
}
