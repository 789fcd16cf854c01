// Entry point of a worker lane.

import { watchThread } from "../fs/index.ts";
import { prepareChecksums } from "../rsync/index.ts";
import { type LaneHandler, serveLane } from "../schedule/index.ts";
import { laneHandler } from "./lane-handler.ts";
import type { LaneSettings } from "./plan/lane-settings.ts";
import { feedWaitMs } from "./tasks/content-feed.ts";
import { type PartLaneSetup, partHandler } from "./verbs/part-lane.ts";

const watch = watchThread();
// Waiting for another machine is no reason for more lanes.
const past =
  watch &&
  (() => {
    const { ranMs, waits, preemptions } = watch();
    return { ranMs: ranMs + feedWaitMs(), waits, preemptions };
  });

serveLane<LaneSettings | PartLaneSetup, unknown, unknown>(
  (setup) =>
    ("serves" in setup ? partHandler() : laneHandler(setup)) as LaneHandler<unknown, unknown>,
  past,
  async (setup) => {
    if ("farSums" in setup && setup.farSums !== undefined) await prepareChecksums(setup.farSums);
  },
);
