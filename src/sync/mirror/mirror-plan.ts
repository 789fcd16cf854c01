// What a source that is listed brings, as a plan of the target's end: one tree, by its name or its contents.

import { type ByteString, baseName } from "../../base/index.ts";
import type { Options } from "../../options/index.ts";
import { farPlan } from "../far/far-plan.ts";
import type { SourcePlan } from "../plan/plan-sources.ts";

/** The tree's name below the target; undefined = its contents go there. */
export function treeName({ sources }: Options): ByteString | undefined {
  const name = baseName(placeOf(sources[0] ?? ""));
  return name === "" || name === "." || name === ".." ? undefined : name;
}

/** What stands behind a web address is about how it is listed (#suites=stable), and names nothing. */
function placeOf(source: ByteString): ByteString {
  return /^https?:\/\//i.test(source) ? source.replace(/#.*$/s, "") : source;
}

/** Returns the plan. */
export function mirrorPlan(options: Options): SourcePlan {
  const name = treeName(options);
  const source = placeOf(options.sources[0] ?? "");
  const label = name === undefined ? source : source.slice(0, source.length - name.length);
  return farPlan({
    kind: "ends",
    mentions: 1,
    lone: "directory",
    poured: name === undefined,
    incomplete: false,
    labels: [label],
    events: [],
  });
}
