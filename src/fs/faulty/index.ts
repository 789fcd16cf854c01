// fs/faulty: a door around another door on which calls go wrong as a plan says: they fail with an
// errno, before or after they were carried out, do half of what was asked, take long, or find that
// somebody has changed something since the last call; and at one call everything can end, as when
// the power goes. For tests: production never opens it.
//
// The plan is asked about every call that reaches the system, one entry of statEntries at a time. Same
// plan, same calls, same faults.

export {
  type Call,
  Crash,
  type Fault,
  type FaultPlan,
  faultAt,
  faultOf,
  firstOf,
  type Lasting,
  noFaults,
  seededFaults,
} from "./fault.ts";
export { type FaultyOptions, faultyFileSystem } from "./faulty-file-system.ts";
export type { Operation } from "./operations.ts";
