// Entry point of a worker lane.

import { watchThread } from "../fs/index.ts";
import { serveLane } from "../schedule/index.ts";
import { laneHandler } from "./lane-handler.ts";
import type { LaneSettings } from "./plan/lane-settings.ts";

serveLane((settings: LaneSettings) => laneHandler(settings), watchThread());
