// The task that looks at one directory of the transfer.

import type { ByteString } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import type { SurveyTask } from "../tasks/tasks.ts";
import type { ConductorSettings } from "./conductor-settings.ts";
import { deletionTime } from "./late-deletions.ts";
import type { TreeNode } from "./tree-node.ts";

/** Returns the survey of a directory; `deletionsOnly` is the pass of --delete-before. */
export function surveyTask(
  node: TreeNode,
  settings: ConductorSettings,
  deletionsOnly: boolean,
): SurveyTask {
  const { id, path, origins, named, targetExists, isUnwanted, parent, entry } = node.known;
  const { options, plan, farTarget } = settings;
  const time = deletionTime(options);
  const here = deletionsOnly ? time === "first" : time === "during" || time === "last";
  return {
    kind: "survey",
    node: id,
    path,
    origins,
    named,
    self: parent === undefined && !deletionsOnly ? plan.self : undefined,
    targetExists,
    isUnwanted,
    isNew: entry?.list.made[entry.index] === 2,
    apart: entry?.list.apart?.get(entry.index),
    deletes: here && origins.length > 0,
    deletesNow: time === "during",
    top: topOf(node),
    deletionsOnly,
    sendsAhead: farTarget?.ahead?.(),
    goesBelow: !deletionsOnly && isWhole(node) && maySkipQuiet(settings),
  };
}

/** Says whether nobody need know of directories with which nothing is done: they are here, and have no lines of their own. */
function maySkipQuiet({ options, items, farSource, farTarget }: ConductorSettings): boolean {
  const isHere = farSource === undefined && farTarget === undefined;
  return isHere && items !== "all" && options.walk.recurse && !isOneByOne(options);
}

/** One place feeds all of it; and it is not the top, which is to be shared out at once. */
function isWhole({ known }: TreeNode): boolean {
  const { origins, named, parent, plan, lateOf } = known;
  const isPlain = origins.length === 1 && named.length === 0 && (plan?.size ?? 0) === 0;
  return isPlain && parent !== undefined && lateOf === undefined;
}

/** Says whether directories are surveyed one after another: a limit on deletions must spare the same entries in every run. */
export function isOneByOne(options: Options): boolean {
  return deletionTime(options) === "during" && options.delete.max !== undefined;
}

/** The nearest directory, this one or above, whose contents an argument brought. */
function topOf(node: TreeNode): ByteString {
  let top = node;
  while (!top.known.isTop && top.known.parent !== undefined) top = top.known.parent;
  return top.known.path;
}
