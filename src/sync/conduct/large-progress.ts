// How far a large file is, told by whoever counts its pieces.

import { Directory, type FileProgressEvent } from "../../tree/index.ts";
import { shownPath } from "../apply/report-item.ts";
import type { ApplyTask } from "../tasks/tasks.ts";

/** Returns the event: so many bytes of the file that the task is about are there. */
export function largeProgress(task: ApplyTask, done: number): FileProgressEvent {
  const source = Directory.thaw(task.source);
  const index = task.from;
  const path = shownPath({ task, place: task, source }, index);
  const size = source.size[index] as number;
  return {
    type: "file-progress",
    path,
    done: Math.min(done, size),
    size,
    finished: false,
    index: task.rows?.[index] ?? index,
  };
}
