// The task that looks at one directory of the transfer.

import type { ByteString } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import type { TransferPlan } from "../plan/transfer-plan.ts";
import type { SurveyTask } from "../tasks/tasks.ts";
import type { FarTarget } from "./far-ends.ts";
import { deletionTime } from "./late-deletions.ts";
import type { TreeNode } from "./tree-node.ts";

/** Returns the survey of a directory; `deletionsOnly` is the pass of --delete-before. */
export function surveyTask(
  node: TreeNode,
  {
    options,
    plan,
    farTarget,
  }: {
    readonly options: Options;
    readonly plan: TransferPlan;
    readonly farTarget?: Pick<FarTarget, "ahead">;
  },
  deletionsOnly: boolean,
): SurveyTask {
  const { id, path, origins, named, targetExists, isUnwanted, parent, entry } = node.known;
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
  };
}

/** The nearest directory, this one or above, whose contents an argument brought. */
function topOf(node: TreeNode): ByteString {
  let top = node;
  while (!top.known.isTop && top.known.parent !== undefined) top = top.known.parent;
  return top.known.path;
}
