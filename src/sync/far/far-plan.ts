// What a source's end elsewhere has to say of its arguments, as a plan of the target's end: everything
// comes from one place, and what feeds a directory is not its business.

import type { EndsMessage } from "../../session/index.ts";
import type { SourcePlan } from "../plan/plan-sources.ts";
import type { TransferPlan } from "../plan/transfer-plan.ts";

/** Returns the plan of the target's end. */
export function farPlan({
  mentions,
  lone,
  poured,
  incomplete,
  labels,
  events,
}: EndsMessage): SourcePlan {
  const plan: TransferPlan = {
    roots: [{ path: "", label: labels[0] ?? "", poured }],
    namings: [],
    contents: [{ root: 0, path: "", named: 0, order: 0 }],
    names: new Map(),
    self: undefined,
    mentions,
  };
  const only = {
    isDirectory: lone !== "file",
    holdsAnything: () => lone !== "empty-directory",
  };
  return { plan, events, incomplete, lone: mentions === 1 && lone !== "dot" ? only : undefined };
}

/** Returns what the target's end must know of the source's plan. */
export function endsMessage(sources: SourcePlan, tellsEmpty: boolean): EndsMessage {
  const { plan, lone, incomplete, events } = sources;
  const directory = tellsEmpty && lone?.holdsAnything() === false ? "empty-directory" : "directory";
  return {
    kind: "ends",
    mentions: plan.mentions,
    lone: lone === undefined ? "dot" : lone.isDirectory ? directory : "file",
    poured: plan.contents.length > 0,
    incomplete,
    labels: plan.roots.map(({ label }) => label),
    events,
  };
}
