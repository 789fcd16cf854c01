// The events of --json, version 1, as plain objects. Every event has "type"; a reader ignores types
// and fields that it does not know. Sizes are bytes, times seconds since 1970, durations
// milliseconds.

import { type ByteString, toText } from "../../base/index.ts";
import {
  change,
  type DeleteEvent,
  formatItem,
  type ItemEvent,
  isDevice,
  isDirectory,
  isRegular,
  isSymlink,
  type ProblemEvent,
} from "../../tree/index.ts";
import type { RunView } from "./estimate.ts";
import { jsonName } from "./json-name.ts";
import { problemReason, problemSentence } from "./problem-text.ts";
import type { LiveSource, RunInfo, RunSummary, SourceSummary, TargetSummary } from "./run-info.ts";
import type { ReportSettings } from "./settings.ts";
import { createdEntries, deletedEntries, scannedEntries } from "./stats-text.ts";

/** Version of the events. */
export const jsonVersion = 1;

/** One event, ready for JSON.stringify. */
export type JsonEvent = Readonly<Record<string, unknown>>;

/** The first event. */
export function startEvent(info: RunInfo, settings: ReportSettings): JsonEvent {
  return {
    type: "start",
    version: jsonVersion,
    program: settings.personality,
    ...jsonNames("sources", "sourcesBytes", info.sources),
    ...(info.target === undefined ? {} : jsonName("target", "targetBytes", info.target)),
    dryRun: settings.dryRun,
  };
}

/** Several names: texts, and where any is not UTF-8 the bytes of all in base64. */
function jsonNames(key: string, bytesKey: string, names: readonly ByteString[]): JsonEvent {
  const fields = names.map((name) => jsonName("text", "bytes", name));
  const texts = { [key]: fields.map((field) => field.text) };
  if (fields.every((field) => field.bytes === undefined)) return texts;
  const bytes = names.map((name) => Buffer.from(name, "latin1").toString("base64"));
  return { ...texts, [bytesKey]: bytes };
}

/** How far the run is. `percent` and `etaMs` are null while unknown. */
export function progressEvent(view: RunView): JsonEvent {
  return {
    type: "progress",
    scanComplete: !view.atLeast,
    elapsedMs: Math.round(view.elapsedMs),
    entries: view.entries,
    files: { done: view.filesDone, total: view.filesTotal },
    bytes: { done: view.bytesDone, total: view.bytesTotal },
    bytesPerSecond: Math.round(view.rate),
    percent: view.percent ?? null,
    etaMs: view.etaMs === undefined ? null : Math.round(view.etaMs),
  };
}

/** The attribute bits by the names they have in JSON. */
const changeNames = [
  ["content", change.content],
  ["size", change.size],
  ["mtime", change.mtime | change.mtimeNow],
  ["mode", change.mode],
  ["owner", change.owner],
  ["group", change.group],
  ["atime", change.atime],
  ["crtime", change.crtime],
  ["acl", change.acl],
  ["xattr", change.xattr],
] as const;

/** One entry that was made, changed or linked, or (with -ii) is unchanged. */
export function itemEvent(event: ItemEvent): JsonEvent {
  const { changes, mode, linkTarget } = event;
  return {
    type: "item",
    ...jsonName("path", "nameBytes", event.path),
    action: itemAction(changes),
    itemize: formatItem(changes, mode),
    changes: changeNames.flatMap(([name, bits]) => (changes & bits ? [name] : [])),
    kind: kindName(mode),
    mode,
    size: event.size,
    mtime: event.mtime,
    uid: event.uid,
    gid: event.gid,
    ...(linkTarget === undefined ? {} : jsonName("linkTarget", "linkTargetBytes", linkTarget)),
    ...(event.madeOf === undefined ? {} : jsonName("from", "fromBytes", event.madeOf)),
    literal: event.literal,
    matched: event.matched,
    ...(event.checksum === undefined ? {} : { checksum: event.checksum }),
  };
}

/** One entry that was deleted: an item too. */
export function deletionEvent(event: DeleteEvent): JsonEvent {
  return {
    type: "item",
    ...jsonName("path", "nameBytes", event.path),
    action: "deleted",
    itemize: "*deleting",
    changes: [],
    kind: kindName(event.mode),
    mode: event.mode,
  };
}

function itemAction(changes: number): string {
  if (changes & change.upToDate) return "unchanged";
  if (changes & change.found) return changes & change.moved ? "moved" : "copied";
  if (changes & change.hardLink) return "linked";
  if (changes & change.created) return "created";
  return "changed";
}

function kindName(mode: number): string {
  if (isRegular(mode)) return "file";
  if (isDirectory(mode)) return "directory";
  if (isSymlink(mode)) return "symlink";
  return isDevice(mode) ? "device" : "special";
}

/** Trouble with one path, or (type "conflict") a target that was not what the scan had seen. */
export function problemEvent(event: ProblemEvent): JsonEvent {
  return {
    type: event.operation === "conflict" ? "conflict" : "problem",
    ...jsonName("path", "nameBytes", event.path),
    role: event.role,
    operation: event.operation,
    errno: event.errno,
    reason: toText(problemReason(event)),
    message: toText(problemSentence(event)),
    exit: event.exit,
  };
}

/** One source's part. */
export function sourceEvent(source: SourceSummary): JsonEvent {
  const { unused } = source;
  return { type: "source", ...sourceFields(source), ...(unused !== undefined && { unused }) };
}

/** How one of many sources is doing. */
export function liveSourceEvent(source: LiveSource): JsonEvent {
  const { rate, connections, trouble } = source;
  const bytesPerSecond = Math.round(rate);
  return { ...sourceEvent(source), bytesPerSecond, connections, trouble: trouble ?? null };
}

/** One target's part. */
export function targetEvent(target: TargetSummary): JsonEvent {
  return { type: "target", ...targetFields(target), ...target.cast };
}

function sourceFields({ url, bytes, files, errors }: SourceSummary): JsonEvent {
  return { ...jsonName("url", "urlBytes", url), bytes, files, errors };
}

function targetFields({ name, ok, bytes }: TargetSummary): JsonEvent {
  return { ...jsonName("name", "nameBytes", name), ok, bytes };
}

/** What --content-index was expected to do, and did; nothing where nobody thought of it. */
function contentIndex(counters: RunSummary["counters"]): JsonEvent {
  const { indexWanted, indexThrough, indexLineRate, indexedBytes, indexLists, indexFound } =
    counters;
  if (indexWanted === 0) return {};
  return {
    contentIndex: {
      used: indexedBytes > 0,
      wanted: indexWanted,
      through: indexThrough,
      lineRate: indexLineRate,
      lists: indexLists,
      found: indexFound,
    },
  };
}

/** The last event. `told` are numbers of events that came before it. */
export function summaryEvent(
  summary: RunSummary,
  told: { readonly problems: number; readonly conflicts: number },
): JsonEvent {
  const { counters, failure } = summary;
  return {
    type: "summary",
    version: jsonVersion,
    exit: summary.exit,
    elapsedMs: Math.round(summary.elapsedMs),
    entries: {
      scanned: scannedEntries(counters),
      created: createdEntries(counters),
      changed: counters.changed,
      moved: counters.moved,
      copied: counters.copied,
      linked: counters.linked,
      deleted: deletedEntries(counters),
      unchanged: counters.unchanged,
      failed: counters.failed,
    },
    bytes: {
      total: counters.totalSize,
      literal: counters.literal,
      matched: counters.matched,
      sent: summary.sent,
      received: summary.received,
    },
    ...contentIndex(counters),
    sources: summary.sources.map(sourceFields),
    targets: summary.targets.map(targetFields),
    problems: told.problems,
    conflicts: told.conflicts,
    ...(failure === undefined ? {} : { failure: toText(failure) }),
  };
}
