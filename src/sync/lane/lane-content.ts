// What a lane gives the receiver for moving content: counters, the shared rate, the places of
// unfinished and delayed files, and the way to end a run that has no sense any more.

import { type ByteString, systemClock } from "../../base/index.ts";
import type { ReceiveContext } from "../../pipeline/index.ts";
import { SharedRate } from "../../schedule/index.ts";
import { control } from "../plan/lane-settings.ts";
import type { LaneCore } from "./lane-core.ts";
import type { LaneStaging } from "./lane-staging.ts";

/** One step inside the kernel; short enough that pacing, progress and cancellation get their turn. */
const stepBytes = 8 * 1024 * 1024;
/** Under a rate limit a step takes about this long. */
const stepSeconds = 0.1;
const stepBytesMin = 4096;

type Content = Pick<
  ReceiveContext,
  | "count"
  | "countMatches"
  | "pace"
  | "advance"
  | "throttle"
  | "stepBytes"
  | "openPartials"
  | "again"
  | "delay"
  | "stop"
>;

/** Returns the part of the receive context that concerns content. */
export function laneContent(lane: LaneCore, staging: LaneStaging): Content {
  const { settings } = lane;
  const words = new Int32Array(settings.control);
  const { bwlimit } = settings.options.limits;
  const rate =
    settings.rate && new SharedRate(settings.rate, bwlimit, () => systemClock.wallTime());
  const throttle = (bytes: number): void => {
    lane.checkCancelled();
    if (rate === undefined) return;
    const milliseconds = rate.book(bytes);
    // A wait on the very word that cancels, so that a slow run ends at once.
    if (milliseconds > 0) Atomics.wait(words, control.cancelled, 0, milliseconds);
    lane.checkCancelled();
  };
  const moved = (bytes: number): void => {
    lane.count("doneBytes", bytes);
    lane.transferred.paced += bytes;
    lane.news.moved(bytes);
  };
  const advance = (bytes: number): void => {
    lane.checkCancelled();
    moved(bytes);
  };
  return {
    count: (literal, matched) => {
      lane.count("literal", literal);
      lane.count("matched", matched);
      lane.transferred.literal += literal;
      lane.transferred.matched += matched;
    },
    countMatches: (matches, hashHits, falseAlarms) => {
      lane.count("matches", matches);
      lane.count("hashHits", hashHits);
      lane.count("falseAlarms", falseAlarms);
    },
    advance,
    throttle,
    pace: (bytes) => {
      throttle(bytes);
      moved(bytes);
    },
    stepBytes:
      bwlimit > 0 ? Math.max(stepBytesMin, Math.min(stepBytes, bwlimit * stepSeconds)) : stepBytes,
    openPartials: (make) => {
      const path = settings.options.partial.dir ?? "";
      return staging.openPartials(path.startsWith("/") ? path : "", make);
    },
    again: (path) => {
      lane.transferredAgain = true;
      tellAgain(lane, path);
    },
    delay: (update) => lane.delayed.push(update),
    stop: (path, operation, errno) => {
      const label = settings.target?.label ?? "";
      return lane.fail(label + path, operation, errno);
    },
  };
}

/** As in rsync this is a warning, for those who see names or changes. */
function tellAgain(lane: LaneCore, path: ByteString): void {
  const message = `WARNING: ${path} failed verification -- update retained (will try again).`;
  if (lane.settings.options.personality === "manifold") lane.note("name", 1, message);
  else if (lane.settings.items !== "none") {
    const event = { type: "problem", path, role: "target", operation: "note", errno: 0 } as const;
    lane.events.push({ ...event, exit: 0, message });
  }
}
