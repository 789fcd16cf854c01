// Flags that bound a run: rate, time, memory.
// This file is a table.
import { type Flag, set, store } from "../flag.ts";
import { parseSize } from "../values/size.ts";
import { parseStopAfter, parseStopAt } from "../values/stop-time.ts";

const category = "limits";

/** The rows, in help order. */
export const limitFlags: readonly Flag[] = [
  {
    name: "bwlimit",
    negations: ["no-bwlimit"],
    category,
    takes: "text",
    placeholder: "RATE",
    origin: "rsync",
    status: "done",
    default: "0 (no limit)",
    help: "move at most RATE KiB per second",
    manual:
      "RATE may have a unit, as sizes of --max-size. It is rounded to KiB per second and holds for the run as a whole.",
    apply: (settings, value) => {
      const rule = { option: "bwlimit", unit: "K", min: 512, zeroIsUnlimited: true } as const;
      settings.bwlimit = Math.floor((parseSize(value, rule) + 512) / 1024) * 1024;
    },
    negate: set("bwlimit", 0),
  },
  {
    name: "stop-after",
    aliases: ["time-limit"],
    category,
    takes: "text",
    placeholder: "MINS",
    origin: "rsync",
    status: "done",
    help: "stop after MINS minutes",
    manual: "The run ends with exit status 30; what is complete stays.",
    apply: (settings, value, { now }) => {
      settings.stopAt = parseStopAfter(value, now);
    },
  },
  {
    name: "stop-at",
    category,
    takes: "text",
    placeholder: "y-m-dTh:m",
    origin: "rsync",
    status: "done",
    help: "stop at this moment",
    manual:
      "Parts may be left out from the left: the next such moment is meant. A missing time is midnight, :30 the next half hour. Local time.",
    apply: (settings, value, { now }) => {
      settings.stopAt = parseStopAt(value, now);
    },
  },
  {
    name: "timeout",
    negations: ["no-timeout"],
    category,
    takes: "number",
    placeholder: "SECONDS",
    origin: "rsync",
    status: "accepted",
    default: "0 (no limit)",
    help: "give up when nothing moves for SECONDS",
    manual: "Between two machines; the run ends with exit status 30.",
    apply: store("timeout"),
    negate: set("timeout", 0),
  },
  {
    name: "contimeout",
    negations: ["no-contimeout"],
    category,
    takes: "number",
    placeholder: "SECONDS",
    origin: "rsync",
    status: "accepted",
    help: "give up connecting to a daemon after SECONDS",
    manual: "An error when no daemon is involved.",
    apply: store("connectTimeout"),
    negate: set("connectTimeout", 0),
  },
  {
    name: "max-alloc",
    category,
    takes: "text",
    placeholder: "SIZE",
    origin: "rsync",
    status: "accepted",
    default: "1G",
    help: "never allocate more than SIZE at once",
    manual: "At least 1M; 0 means no limit. $RSYNC_MAX_ALLOC sets another default.",
    apply: store("maxAlloc"),
  },
];
