// How many processors this process can run on.

import { availableParallelism, cpus } from "node:os";

/** How the processors of a machine have spent their time since it was started. */
export interface MachineTime {
  /** Milliseconds in which they worked for anybody. */
  readonly busyMs: number;
  /** All there were. */
  readonly totalMs: number;
}

/** Returns the number of processors, container limits considered as far as the system tells. */
export function processorCount(): number {
  return availableParallelism();
}

/** Returns what all processors of the machine have done together. Takes a quarter of a millisecond, and more where there are many. */
export function machineTime(): MachineTime {
  let [busyMs, totalMs] = [0, 0];
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    busyMs += busy;
    totalMs += busy + times.idle;
  }
  return { busyMs, totalMs };
}
