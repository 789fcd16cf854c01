// --copy-as: from here on another user reads and writes.

import { ManifoldError } from "../../base/index.ts";
import { becomeUser } from "../../fs/index.ts";
import type { Options } from "../../options/index.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Becomes whom --copy-as names, for good, and returns what that makes of the surroundings. A run with another machine does
 * so when it is connected: what the connection needs may be root's alone. Throws ManifoldError with rsync's exit status.
 */
export function becomeCopier(options: Options, surroundings: Surroundings): Surroundings {
  const { copyAs } = options.ids;
  if (copyAs === undefined) return surroundings;
  try {
    const { euid, egid, groups } = becomeUser(copyAs.user, [copyAs.group ?? "*"]);
    return { ...surroundings, euid, egid, groups };
  } catch (error) {
    if (error instanceof ManifoldError) throw new ManifoldError("usage", error.message);
    throw error;
  }
}
