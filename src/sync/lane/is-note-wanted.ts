// Whether somebody wants to hear of a topic.

import type { OutputOptions } from "../../options/index.ts";

/** Says whether people asked for what has this level in a topic of --info or --debug ("debug:TOPIC" where both have it). */
export function isNoteWanted(output: OutputOptions, topic: string, level: number): boolean {
  const info: Readonly<Record<string, number>> = output.info;
  const debug: Readonly<Record<string, number>> = output.debug;
  const wanted = topic.startsWith("debug:")
    ? (debug[topic.slice("debug:".length)] ?? 0)
    : (info[topic] ?? debug[topic] ?? 0);
  return wanted >= level;
}
