// The plan of a target's end whose source speaks rsync's protocol: what its first list has brought.

import type { SourcePlan } from "../plan/plan-sources.ts";
import type { TransferPlan } from "../plan/transfer-plan.ts";
import type { RsyncDirectories } from "./rsync-directories.ts";

/** Returns the plan of a target's end for what the first list has brought. */
export function planOf({ brought }: RsyncDirectories): SourcePlan {
  const { isPoured, count, isFile } = brought;
  const isLone = !isPoured && count === 1;
  const plan: TransferPlan = {
    roots: [{ path: "", label: "", poured: isPoured }],
    namings: [],
    contents: [{ root: 0, path: "", named: 0, order: 0 }],
    names: new Map(),
    self: undefined,
    // The directory itself, and what is in it.
    mentions: isPoured ? 1 + Math.max(1, count) : count,
  };
  const lone = isLone ? { isDirectory: !isFile, holdsAnything: () => true } : undefined;
  return { plan, events: [], incomplete: false, lone };
}
