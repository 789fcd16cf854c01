// What is said of a mirror.

import { fromText } from "../../base/index.ts";
import type { ProblemEvent } from "../../tree/index.ts";

/** A mirror is of no use, or has done harm that was noticed: nothing of the run has failed. */
export function mirrorWarning(url: string, message: string): ProblemEvent {
  const said = fromText(`mirror ${saidOf(url, message)}`);
  return {
    type: "problem",
    path: "",
    role: "source",
    operation: "mirror",
    errno: 0,
    message: said,
    exit: 0,
  };
}

/** Returns what a source says, behind its name. Errors of web servers have the URL in them. */
export function saidOf(url: string, message: string): string {
  return message.startsWith(url) ? message : `${url}: ${message}`;
}
