// What is said of an end that does not keep to the conversation.

import { ManifoldError } from "../../base/index.ts";

/** Returns the error. */
export function outOfTurn(what: string): ManifoldError {
  return new ManifoldError("protocol-data", `The other end sent ${what} out of turn`);
}
