// Runs test files, some at a time, each in a process of its own; prints one line a file when it is
// done, then every failure in full, every skipped test with its reason, and a closing summary.
// What a file prints is shown only if something in it failed. transpile.mjs prepares what is run.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { withSourceLines } from "./source-lines.mjs";
import { transpile } from "./transpile.mjs";

const reporter = fileURLToPath(new URL("reporter.mjs", import.meta.url));

/** Files run at the same moment: CI has two cores, and tests of lines and timeouts mostly wait. */
const atOnce = 5;

/**
 * Runs the files and prints the results.
 * @param {string[]} files Relative to the current folder, which is the checkout.
 * @param {{ env: NodeJS.ProcessEnv, minutesMax: number }} options Environment; and how long one
 *   file may take before it counts as hanging.
 * @returns {Promise<boolean>} Whether all tests passed or were skipped.
 */
export async function runFiles(files, options) {
  const startedAt = performance.now();
  const modules = await transpile(process.cwd(), files);
  const folder = mkdtempSync(join(tmpdir(), "manifold-results-"));
  // Programs that tests start are there, too (test/support/child-program.ts).
  const settings = { ...options, env: { ...options.env, MANIFOLD_TEST_MODULES: modules } };
  const waiting = files.map((file, at) => ({
    file,
    module: join(modules, file.replace(/ts$/, "mjs")),
    results: join(folder, `${at}`),
  }));
  const done = [];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const outcome = await runFile(next, settings);
      done.push(outcome);
      console.log(fileLine(outcome));
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, lane));
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(modules, { recursive: true });
  }
  done.sort((left, right) => (left.file < right.file ? -1 : 1));
  return printClosing(done, performance.now() - startedAt);
}

/** Returns { file, rows, output, ms }; a process that ends badly by itself adds a failed row. */
async function runFile({ file, module, results }, { env, minutesMax }) {
  const report = [`--test-reporter=${reporter}`, `--test-reporter-destination=${results}`];
  const args = [...report, module];
  const startedAt = performance.now();
  const ended = await outcomeOf(args, env, minutesMax * 60_000);
  const { ending } = ended;
  const output = withSourceLines(ended.output);
  const rows = readRows(results);
  const failed = rows.some(({ state }) => state === "failed");
  if (!failed && ending !== "code 0") {
    rows.push({
      name: file,
      state: "failed",
      reason: `the process ended with ${ending}`,
      where: file,
    });
  } else if (rows.length === 0) {
    rows.push({ name: file, state: "failed", reason: "there is no test in it", where: file });
  }
  return { file, rows, output, ms: performance.now() - startedAt };
}

function outcomeOf(args, env, msMax) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (bytes) => (output += bytes));
    child.stderr.on("data", (bytes) => (output += bytes));
    const timer = setTimeout(() => child.kill("SIGKILL"), msMax);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ ending: signal === null ? `code ${code}` : signal, output });
    });
  });
}

function readRows(results) {
  try {
    const lines = readFileSync(results, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  } catch {
    return []; // The process ended before its first test, or in the middle of a line.
  }
}

function fileLine({ file, rows, ms }) {
  const count = (state) => rows.filter((row) => row.state === state).length;
  const parts = [`${count("passed")} passed`];
  if (count("failed") > 0) parts.push(`${count("failed")} FAILED`);
  if (count("skipped") > 0) parts.push(`${count("skipped")} skipped`);
  return `${count("failed") > 0 ? "not ok" : "ok"} ${file}: ${parts.join(", ")}, ${seconds(ms)}`;
}

function printClosing(done, ms) {
  const all = (state) =>
    done.flatMap(({ file, rows }) =>
      rows.filter((row) => row.state === state).map((row) => ({ file, ...row })),
    );
  const [passed, failed, skipped] = ["passed", "failed", "skipped"].map(all);
  for (const { file, rows, output } of done) {
    const bad = rows.filter(({ state }) => state === "failed");
    for (const { name, reason, where } of bad) {
      console.log(`\nFAILED ${file}: ${name}\n(${relative(process.cwd(), where)})\n${reason}`);
    }
    if (bad.length > 0 && output !== "") console.log(`\n${file} printed:\n${output}`);
  }
  if (skipped.length > 0) {
    console.log("\nskipped:");
    for (const { file, name, reason } of skipped) console.log(`  ${file}: ${name}: ${reason}`);
  }
  const counts = `${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`;
  console.log(`\n${done.length} files: ${counts}, ${seconds(ms)}`);
  return failed.length === 0;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
