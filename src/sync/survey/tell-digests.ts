// Digests of a directory's files that go with it, where most of them are wanted: what is the same need not be asked about.

import { type RowDigests, recordLimits } from "../../session/index.ts";
import { isRegular } from "../../tree/index.ts";
import { sourceDirectory } from "../apply/copied-files.ts";
import { batchBytes, digestMany } from "../apply/digest-many.ts";
import { isReadPlain } from "../apply/read-ahead.ts";
import type { LaneContext } from "../lane/lane-context.ts";
import { toldBytesMax, toldMsMax } from "../tasks/far-tasks.ts";
import type { SurveyTask } from "../tasks/tasks.ts";

/** Returns digests of the first files of the surveyed directory that are not large, as many as there is time for; undefined = of none. */
export function tellDigests(lane: LaneContext, task: SurveyTask): RowDigests | undefined {
  const { source } = lane;
  const rows = rowsOf(lane);
  if (rows.length === 0 || !isReadPlain(lane, task)) return undefined;
  const content = lane.contentSource(task.origins, task.named);
  try {
    const dir = sourceDirectory(content);
    if (dir === undefined || content.fs.readFiles === undefined) return undefined;
    return digestMany(lane, { fs: content.fs, dir }, source, rows, { msMax: toldMsMax });
  } finally {
    content.close();
  }
}

function rowsOf({ source }: LaneContext): number[] {
  const rows: number[] = [];
  const most = Math.min(source.count, recordLimits.items);
  let bytes = 0;
  for (let row = 0; row < most; row++) {
    if (!isRegular(source.mode[row] as number)) continue;
    const size = source.size[row] as number;
    if (size === 0 || size > batchBytes) continue;
    bytes += size;
    if (bytes > toldBytesMax) break;
    rows.push(row);
  }
  return rows;
}
