// The task that looks at one directory of the transfer.

import type { ByteString } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import type { SurveyResult, SurveyTask } from "../tasks/tasks.ts";
import type { ConductorSettings } from "./conductor-settings.ts";
import type { FarTarget } from "./far-ends.ts";
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
  const mayGoBelow = !deletionsOnly && isWhole(node) && !isOneByOne(options);
  const sendsAhead = farTarget?.ahead?.();
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
    sendsAhead,
    tellsDigests: farTarget?.tellsDigests,
    tellsSums: deletionsOnly ? 0 : farTarget?.tellsSums,
    goesBelow: mayGoBelow && maySkipQuiet(settings),
    sendsBelow:
      mayGoBelow && options.walk.recurse && sendsAhead === undefined
        ? farTarget?.below?.()
        : undefined,
  };
}

/**
 * Says whether nobody need know of directories with which nothing is done: they have no lines of their own. Files that are
 * removed at a source elsewhere are named by their directory there.
 */
function maySkipQuiet({ options, items, farSource, farTarget }: ConductorSettings): boolean {
  const { removeSourceFiles } = options.transfer;
  const isHad = farSource === undefined || (farSource.below !== undefined && !removeSourceFiles);
  return isHad && farTarget === undefined && items !== "all" && options.walk.recurse;
}

/** One place feeds all of it; and it is not the top, which is to be shared out at once. */
function isWhole({ known }: TreeNode): boolean {
  const { origins, named, parent, plan, lateOf } = known;
  const isPlain = origins.length === 1 && named.length === 0 && (plan?.size ?? 0) === 0;
  return isPlain && parent !== undefined && lateOf === undefined;
}

/** Hands on what the source's end has found for the target's. */
export function sendOn(
  farTarget: FarTarget | undefined,
  node: TreeNode,
  { sending, below }: SurveyResult,
): void {
  if (sending === undefined) return;
  node.far = sending.directory;
  farTarget?.send(node, sending, below);
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
