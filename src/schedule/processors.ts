// How many processors this process can run on.

import { availableParallelism } from "node:os";

/** Returns the number of processors, container limits considered as far as the system tells. */
export function processorCount(): number {
  return availableParallelism();
}
