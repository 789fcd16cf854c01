// What a survey tells of its directory and of those below that it went on with, where there is no place left for it in the
// order of telling: its task, or the run, has ended.

import type { ProgressEvent } from "../../tree/index.ts";
import type { SurveyResult } from "./tasks.ts";

/** Yields that, in listing order. */
export function* toldBy({ early, events, subdirs }: SurveyResult): Generator<ProgressEvent> {
  yield* early;
  for (const event of events) if (event.type !== "row") yield event;
  for (const inside of subdirs?.brought?.values() ?? []) yield* toldBy(inside);
}
