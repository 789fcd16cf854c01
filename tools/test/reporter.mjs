// How test results are printed: one line a file, every failure in full, every skipped test with its
// reason, and a closing summary. A stream of node:test's events in, text out.

import { relative } from "node:path";

/**
 * Turns node:test's events into the text to print. The results of one file come together, after
 * `test:complete` of the file itself, whose name is the file's path.
 * @param {AsyncIterable<{ type: string, data: any }>} source
 * @returns {AsyncGenerator<string>}
 */
export default async function* report(source) {
  const run = { files: new Map(), failures: [], startedAt: performance.now() };
  let last;
  for await (const { type, data } of source) {
    if (type === "test:stdout" || type === "test:stderr") {
      yield data.message;
    } else if (type === "test:complete" && data.name === data.file) {
      fileRow(run, data.file).ms = data.details.duration_ms;
    } else if (type === "test:pass" || type === "test:fail") {
      const row = fileRow(run, data.file);
      if (last !== undefined && last !== row) yield fileLine(last);
      last = row;
      count(run, row, { type, data });
    }
  }
  if (last !== undefined) yield fileLine(last);
  yield* closing(run);
}

function fileRow(run, file) {
  const path = relative(process.cwd(), file);
  const known = run.files.get(path);
  if (known !== undefined) return known;
  const row = { path, passed: 0, failed: 0, skipped: [], ms: 0 };
  run.files.set(path, row);
  return row;
}

function count(run, row, { type, data }) {
  const isFile = data.name === data.file;
  const reason = data.skip ?? data.todo;
  if (reason !== undefined) {
    row.skipped.push(`${data.name}: ${reason === true ? "no reason given" : reason}`);
  } else if (type === "test:pass" && !isFile && data.details.type !== "suite") {
    row.passed++;
  } else if (type === "test:fail" && data.details.error?.failureType !== "subtestsFailed") {
    row.failed++;
    run.failures.push(data);
  }
}

function fileLine({ path, passed, failed, skipped, ms }) {
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} FAILED`);
  if (skipped.length > 0) parts.push(`${skipped.length} skipped`);
  return `${failed > 0 ? "not ok" : "ok"} ${path}: ${parts.join(", ")}, ${seconds(ms)}\n`;
}

function* closing({ files, failures, startedAt }) {
  for (const data of failures) {
    const where = `${relative(process.cwd(), data.file)}:${data.line}`;
    const cause = data.details.error?.cause ?? data.details.error;
    const lines = String(cause?.stack ?? cause).split("\n");
    const ours = lines.filter((line) => !/^ +at .*node:(internal|async_hooks)/.test(line));
    yield `\nFAILED ${data.name} (${where})\n${ours.join("\n")}\n`;
  }
  const rows = [...files.values()];
  const skipped = rows.flatMap((row) => row.skipped.map((line) => `  ${row.path}: ${line}\n`));
  if (skipped.length > 0) yield `\nskipped:\n${skipped.join("")}`;
  const passed = rows.reduce((sum, row) => sum + row.passed, 0);
  const parts = [`${passed} passed`, `${failures.length} failed`, `${skipped.length} skipped`];
  yield `\n${rows.length} files: ${parts.join(", ")}, ${seconds(performance.now() - startedAt)}\n`;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
