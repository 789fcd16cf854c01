// Turns node:test's events into one line of JSON for each test, for run-files.mjs to read. Node's
// own reporters print neither which file a test ran in nor, all of them, why one was skipped.

import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * Yields {name, state, reason, ms, where} lines; `state` is passed, failed or skipped.
 * @param {AsyncIterable<{ type: string, data: any }>} source
 * @returns {AsyncGenerator<string>}
 */
export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const row = rowOf(type, data);
    if (row !== undefined) yield `${JSON.stringify(row)}\n`;
  }
}

function rowOf(type, data) {
  const { name, skip, todo, details } = data;
  const ms = Math.round(details.duration_ms);
  const where = sourceOf(data);
  const excuse = skip ?? todo;
  if (excuse !== undefined) {
    const reason = excuse === true || excuse === "" ? "no reason given" : excuse;
    return { name, state: "skipped", reason, ms, where };
  }
  if (type === "test:pass") {
    return details.type === "suite" ? undefined : { name, state: "passed", ms, where };
  }
  // A suite fails because a test in it does, and that one has been reported.
  if (details.error?.failureType === "subtestsFailed") return undefined;
  return { name, state: "failed", reason: describe(details.error), ms, where };
}

/** Node names the line of the module that is run. */
function sourceOf({ file, line, column }) {
  const { originalSource, originalLine } =
    findSourceMap(file)?.findEntry(line - 1, column - 1) ?? {};
  if (originalSource === undefined) return `${file}:${line}`;
  return `${fileURLToPath(originalSource)}:${originalLine + 1}`;
}

function describe(error) {
  const cause = error?.cause ?? error;
  return String(cause?.stack ?? cause)
    .split("\n")
    .filter((line) => !/^ +at .*node:(internal|async_hooks)/.test(line))
    .join("\n");
}
