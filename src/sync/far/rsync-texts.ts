// What an rsync at the other end says for people, as events of the run.

import type { ByteString } from "../../base/index.ts";
import type { TextKind } from "../../rsync/index.ts";
import type { ProgressEvent } from "../../tree/index.ts";

const vanished = /^(file|directory) has vanished/;

/** Says whether a text is about a file that is not there any more. */
export function isAboutVanished(text: ByteString): boolean {
  return vanished.test(text);
}

/** Returns the event; undefined = there is nothing to tell. Errors count for how the run ends. */
export function textEvent(
  kind: TextKind,
  text: ByteString,
  role: "source" | "target" = "source",
): ProgressEvent | undefined {
  const line = text.replace(/\n$/, "");
  if (line === "") return undefined;
  if (kind === "info") return { type: "note", topic: "misc", level: 0, text: line };
  return {
    type: "problem",
    path: "",
    role,
    operation: "rsync",
    errno: 0,
    message: line,
    exit: kind === "warning" ? 0 : 23,
  };
}
