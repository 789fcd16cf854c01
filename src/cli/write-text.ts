// Writing a text that was asked for to standard output, all of it or with a reason why not.

import { errno, errnoText, fromText, ManifoldError, toBytes } from "../base/index.ts";
import { writeDescriptor } from "../sync/index.ts";

/** Writes the text. Throws ManifoldError when it cannot be written; a reader who has gone has seen enough. */
export function writeText(text: string): void {
  const refused = writeDescriptor(1, toBytes(fromText(text)));
  if (refused !== 0 && refused !== errno.EPIPE) throw unwritten("standard output", refused);
}

/** Returns the error that tells of output that could not be written. */
export function unwritten(name: string, errorNumber: number): ManifoldError {
  return new ManifoldError("message-io", `Cannot write to ${name}: ${errnoText(errorNumber)}`);
}
