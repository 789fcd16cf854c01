// Which notes are wanted, by the levels of --info and --debug.

import type { NoteEvent } from "../../tree/index.ts";
import type { ReportSettings } from "./settings.ts";

/**
 * Says whether a note is wanted. A topic that both --info and --debug know is --info's, unless it
 * is written "debug:TOPIC"; a topic that neither knows is always told.
 */
export function isNoteWanted(event: NoteEvent, settings: ReportSettings): boolean {
  const debug: Readonly<Record<string, number>> = settings.debug;
  const info: Readonly<Record<string, number>> = settings.info;
  const isDebug = event.topic.startsWith("debug:");
  const level = isDebug
    ? debug[event.topic.slice("debug:".length)]
    : (info[event.topic] ?? debug[event.topic]);
  return level === undefined || level >= event.level;
}
