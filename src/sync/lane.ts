// Entry point of a worker lane.

import { serveLane } from "../schedule/index.ts";
import { laneHandler } from "./lane-handler.ts";

serveLane(laneHandler);
