// Where the inside of a subdirectory comes from: the same subdirectory of every place that feeds
// its parent, and what arguments name in it.

import type { ByteString } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import { mountPoint, phantom } from "../../pipeline/index.ts";
import type { Directory } from "../../tree/index.ts";
import { keepsImplied } from "../lane/target-follow.ts";
import { originInside } from "../plan/origin-inside.ts";
import { namedGroups, planInside, type TransferPlan } from "../plan/transfer-plan.ts";
import type { SubdirectoryList, TreeNode, TreeNodeFields } from "./tree-node.ts";

/** The part of what is known of a directory that this file decides. */
export type Inside = Pick<TreeNodeFields, "origins" | "named" | "plan" | "isTop">;

/** What the inside of subdirectories follows from. */
export type Outside = Pick<TreeNodeFields, "path" | "origins" | "plan">;

/** A subdirectory: entry `index` of its parent's listing, and its path in the transfer. */
export interface Subdirectory {
  readonly listing: Directory;
  readonly index: number;
  readonly name: ByteString;
  readonly path: ByteString;
}

/** Returns what feeds a subdirectory of `outside`. */
export function insideOf(
  plan: TransferPlan,
  { walk }: Pick<Options, "walk">,
  outside: Outside,
  { listing, index, name, path }: Subdirectory,
): Inside {
  const { origins } = outside;
  const { contents, names } = planInside(plan, outside.plan, outside.path, name);
  const named = namedGroups(plan, names, path);
  const isTop = contents.length > 0;
  const isMount = ((listing.verdict[index] as number) & mountPoint) !== 0;
  if (origins.length === 0 || isMount || !walk.recurse) {
    return { origins: contents, named, plan: names, isTop };
  }
  const place = listing.origin[index] as number;
  const inherited = origins.map((from, k) => originInside(from, name, k !== place));
  if (!isTop) return { origins: inherited, named, plan: names, isTop };
  const all = [...inherited, ...contents].sort((a, b) => a.order - b.order);
  return { origins: all, named, plan: names, isTop };
}

/** What feeds the directory at `path` of a source that is elsewhere: whatever comes. */
export function farInside(path: ByteString): Inside {
  const origins = [{ root: 0, path, named: 0, order: 0 }];
  return { origins, named: [], plan: undefined, isTop: false };
}

/** Says whether subdirectory `index` is an implied parent that is taken as the target has it, or has nothing to give. */
export function isBare(
  options: Pick<Options, "walk">,
  node: TreeNode,
  list: SubdirectoryList,
  index: number,
): boolean {
  if ((list.listing.verdict[index] as number) & phantom) return true;
  if (!keepsImplied(options)) return false;
  const { origins, named } = node.known;
  const group = named[(list.listing.origin[index] as number) - origins.length];
  return group?.implied === true;
}
