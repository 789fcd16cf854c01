// The static part of `npm test`: format and lint, types, rooms, tidiness, generated documents.
// `node tools/check.mjs`; every check runs, all findings are printed, exit 1 if there is any.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(top, "node_modules/.bin", name);

const folders = ["src", "test", "bench", "tools"].filter((name) => existsSync(join(top, name)));

const checks = {
  "format and lint": [bin("biome"), "check", "--error-on-warnings", "--diagnostic-level=warn", "."],
  // Two packages bring a tsc; this is the fast one.
  types: [process.execPath, join(top, "node_modules/typescript-7/bin/tsc"), "-p", "."],
  rooms: [
    bin("depcruise"),
    "--config",
    ".dependency-cruiser.mjs",
    "--output-type",
    "err",
    ...folders,
  ],
  tidy: [process.execPath, "--import", "tsx", "tools/tidy.ts"],
  documents: [process.execPath, "--import", "tsx", "tools/gen-docs.ts"],
};

/** Checks run at the same moment; most of them use one core. */
const atOnce = 2;

/**
 * Runs all checks and prints one line for each, with the findings of those that fail.
 * @returns {Promise<boolean>} Whether all passed.
 */
export async function check() {
  const waiting = Object.entries(checks);
  let allPassed = true;
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, command] = next;
      const startedAt = performance.now();
      const { code, output } = await run(command);
      const elapsed = ((performance.now() - startedAt) / 1000).toFixed(1);
      process.stdout.write(`${code === 0 ? "ok" : "not ok"} ${name}, ${elapsed} s\n`);
      if (code !== 0) process.stdout.write(output);
      allPassed &&= code === 0;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return allPassed;
}

function run([program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: top, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (bytes) => (output += bytes));
    child.stderr.on("data", (bytes) => (output += bytes));
    child.on("error", (error) => resolve({ code: 1, output: `${error.message}\n` }));
    child.on("close", (code) => resolve({ code, output }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = (await check()) ? 0 : 1;
}
