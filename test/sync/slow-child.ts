// A worker lane on a disk whose every call takes a while: the linux or portable door behind the faulty one.

import { faultyFileSystem, noFaults, openFileSystem, watchThread } from "../../src/fs/index.ts";
import { serveLane } from "../../src/schedule/index.ts";
import { laneHandler } from "../../src/sync/lane-handler.ts";
import type { LaneSettings } from "../../src/sync/plan/lane-settings.ts";
import { type SlowDoor, slowly } from "./slow-door.ts";

serveLane((settings: LaneSettings) => {
  const door = faultyFileSystem(openFileSystem(), noFaults, slowly(settings.door as SlowDoor));
  return laneHandler(settings, door);
}, watchThread());
