// The one error of this room: input that is not a changeset.

import { ManifoldError } from "../base/index.ts";

/**
 * Returns the error for a changeset that breaks the format: which field, at which byte of the (uncompressed)
 * sequence, and what about it.
 */
export function invalid(field: string, offset: number, says: string): ManifoldError {
  return new ManifoldError(
    "changeset-invalid",
    `Cannot read changeset: ${field} at byte ${offset}: ${says}`,
    { data: { field, offset } },
  );
}
