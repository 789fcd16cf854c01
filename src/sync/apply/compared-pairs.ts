// What the ways of comparing the files of a directory by their digests have in common.

import type { RootDigests } from "../../cache/index.ts";
import type { DirHandle } from "../../fs/index.ts";
import type { Directory } from "../../tree/index.ts";
import type { LaneCore } from "../lane/lane-core.ts";
import type { OriginContent } from "../lane/origin-content.ts";
import type { SurveyTask } from "../tasks/tasks.ts";

/** What came out about an entry; open = nothing yet. */
export const verdict = { open: 0, same: 1, different: 2 } as const;

/** Whose digest of a pair is known. */
export const known = { none: 0, source: 1, target: 2, both: 3 } as const;

/** The pairs of files of one directory. */
export interface ComparedPairs {
  readonly lane: LaneCore;
  readonly task: Pick<SurveyTask, "origins" | "named">;
  readonly source: Directory;
  readonly target: Directory;
  /** Where the target's files are. */
  readonly dir: DirHandle;
  readonly content: OriginContent;
}

/** What is found out about the pairs, by row of the source. */
export interface Findings {
  readonly verdicts: Uint8Array;
  readonly known: Uint8Array;
}

/** Where the digest of an entry of the source is kept. */
export function sourceDigests(
  { lane, task, source }: Pick<ComparedPairs, "lane" | "task" | "source">,
  i: number,
): RootDigests | undefined {
  return lane.digests.sourceAt(task.origins, task.named, source.origin[i] as number);
}
