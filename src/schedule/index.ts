// schedule: one scheduler for everything that runs at the same time. Tasks are values, lanes run
// them: this thread at first, worker threads when a job is long enough to be worth them, more of
// them than processors while they mostly wait. It knows nothing of files or streams.
//
//   submit(task, priority, cost) -> ready queues -> bundles -> lanes -> onResult
//                 ^ refill(wanted): the owner brings tasks as lanes have room, so that what is
//                   ready stays small however large the job (back-pressure)
//
// Not guaranteed: the order of results. Whoever needs an order keeps one (sync's sequence).

export { collectSooner } from "./collect-sooner.ts";
export type { LaneTime, ThreadPast } from "./lane-meter.ts";
export { inlineLane, type LaneHandler, type LaneListener, workerLane } from "./lanes.ts";
export { type MachineTime, machineTime, processorCount } from "./processors.ts";
export { SharedRate, sleep } from "./rate.ts";
export { Scheduler } from "./scheduler.ts";
export type { Lane, SchedulerContext, SchedulerLimits } from "./scheduler-context.ts";
export { serveLane } from "./serve-lane.ts";
