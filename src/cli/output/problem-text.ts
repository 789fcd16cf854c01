// Problems in words: the lines for standard error, in rsync's wording or in manifold's.

import { type ByteString, errnoText } from "../../base/index.ts";
import type { ProblemEvent } from "../../tree/index.ts";
import { afterName } from "./after-name.ts";
import { isWholeLine, problemWording } from "./problem-table.ts";

/** Where paths are, for messages that name them absolutely or below the target. */
export interface PathPlaces {
  /** The directory that relative paths are relative to, absolute. */
  readonly workingDirectory: ByteString;
  /** How messages name the target, with a slash at the end unless empty. */
  readonly targetLabel: ByteString;
}

/** Returns rsync's lines for a problem, without newlines. */
export function rsyncProblemLines(event: ProblemEvent, places: PathPlaces): ByteString[] {
  const { operation, message } = event;
  if (isWholeLine(operation) && message !== undefined) return [message];
  const full = absolutePath(event.path, places);
  if (event.exit === 24) {
    const kind = operation === "opendir" || operation === "readdir" ? "directory" : "file";
    return [`${kind} has vanished: "${full}"`];
  }
  const wording = problemWording(operation);
  const onTarget = event.role === "target";
  const text = (onTarget ? wording.target : wording.source).replace(/%[pdn]/, (place) => {
    if (place === "%n") return relativePath(event.path, places);
    return `"${place === "%p" ? full : full.replace(/(.)\/\.$/, "$1")}"`;
  });
  if (wording.whole) return [text];
  const voice = onTarget ? wording.voice : "sender";
  const reason =
    event.errno !== 0 ? `${errnoText(event.errno)} (${event.errno})` : (message ?? "failed");
  const line = `rsync: [${voice}] ${text}: ${reason}`;
  if (onTarget && operation.startsWith("mkdir")) {
    return [line, "*** Skipping any contents from this failed directory ***"];
  }
  return [line];
}

/** Returns manifold's line for a problem, without newline: what could not be done to what, and why. */
export function manifoldProblemLine(event: ProblemEvent): ByteString {
  const { operation, message } = event;
  if (isWholeLine(operation) && message !== undefined) return `manifold: ${afterName(message)}`;
  return `manifold: ${problemSentence(event)}`;
}

/** Returns the problem as one sentence with its path, for any face of manifold's own. */
export function problemSentence(event: ProblemEvent): ByteString {
  const { operation } = event;
  if (isWholeLine(operation) && event.message !== undefined) return event.message;
  const path = `"${event.path === "" ? "." : event.path}"`;
  if (event.exit === 24) return `vanished during the run: ${path}`;
  if (operation === "conflict") return `conflict at ${path}: ${problemReason(event)}`;
  return `cannot ${plainVerb(event)} ${path}: ${problemReason(event)}`;
}

/** Returns why, without path: the stage's own words where it has any, else the error number's. */
export function problemReason(event: ProblemEvent): string {
  if (event.message !== undefined) return event.message;
  return event.errno === 0 ? "failed" : errnoText(event.errno);
}

/** To a reader, opening a source file is reading it, and opening one on the target is making it. */
function plainVerb(event: ProblemEvent): string {
  const { verb } = problemWording(event.operation);
  if (verb !== "open") return verb;
  return event.role === "source" ? "read" : "write";
}

/** Like rsync, a path that ends in a slash is shown as the "." in that directory. */
function absolutePath(path: ByteString, places: PathPlaces): ByteString {
  const shown = path === "" ? "." : path.endsWith("/") ? `${path}.` : path;
  if (shown.startsWith("/")) return shown;
  const base = places.workingDirectory;
  return base.endsWith("/") ? base + shown : `${base}/${shown}`;
}

function relativePath(path: ByteString, places: PathPlaces): ByteString {
  const { targetLabel } = places;
  if (targetLabel === "" || !path.startsWith(targetLabel)) return path;
  return path.slice(targetLabel.length) || ".";
}
