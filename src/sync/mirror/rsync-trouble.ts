// What goes wrong with an rsync at the other end, in a source's words.

import { type ByteString, ManifoldError, toText } from "../../base/index.ts";
import { SourceError, type SourceTrouble } from "../../source/index.ts";

/** What daemons and programs say, by what it means. */
const sayings: readonly (readonly [RegExp, SourceTrouble])[] = [
  [/max connections|try again later/i, "busy"],
  [/unknown module|no such file|not a directory/i, "absent"],
  [/auth failed|wants a password|access denied|refuse/i, "refused"],
  [/permission denied/i, "unreadable"],
];

/** Returns the error for what was thrown; `said`: what the other end told of errors. Throws what is none of these on. */
export function rsyncTrouble(error: unknown, said: readonly ByteString[]): SourceError {
  if (error instanceof SourceError) return error;
  if (!(error instanceof ManifoldError)) throw error;
  const message = said.length === 0 ? error.message : toText(said.join(" "));
  const saying = sayings.find(([form]) => form.test(message));
  const isBroken = error.code === "protocol-data";
  const trouble = saying?.[1] ?? (isBroken ? "protocol" : "connection");
  return new SourceError(trouble, message, { cause: error });
}
