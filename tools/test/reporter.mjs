// Turns node:test's events into one line of JSON for each test, for run-files.mjs to read. Node's
// own reporters print neither which file a test ran in nor, all of them, why one was skipped.

import { pathToFileURL } from "node:url";
import { withSourceLines } from "./source-lines.mjs";

/**
 * Yields {name, state, reason, ms, where} lines; `state` is passed, failed or skipped, `where` that of a failure.
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
  const excuse = skip ?? todo;
  if (excuse !== undefined) {
    const reason = excuse === true || excuse === "" ? "no reason given" : excuse;
    return { name, state: "skipped", reason, ms };
  }
  if (type === "test:pass") {
    return details.type === "suite" ? undefined : { name, state: "passed", ms };
  }
  // A suite fails because a test in it does, and that one has been reported.
  if (details.error?.failureType === "subtestsFailed") return undefined;
  const where = withSourceLines(`${pathToFileURL(data.file).href}:${data.line}:${data.column}`);
  return { name, state: "failed", reason: describe(details.error), ms, where };
}

function describe(error) {
  const cause = error?.cause ?? error;
  const lines = String(cause?.stack ?? cause).split("\n");
  return withSourceLines(
    lines.filter((line) => !/^ +at .*node:(internal|async_hooks)/.test(line)).join("\n"),
  );
}
