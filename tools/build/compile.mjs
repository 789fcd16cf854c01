// Lets a new build run on a small tree, so that the engine's compiled form of what it ran is kept
// beside it (load.mjs). A build without that works too, and starts a little slower.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** What is run, in this order: a worker lane on a first copy and on a second, the same in this thread, the help, a key. */
const runs = (from, to) => [
  ["sync", "--threads=1", from, to],
  ["sync", "--threads=1", from, to],
  ["sync", "--threads=2", from, to],
  ["sync", "--threads=2", "-n", from, to],
  ["--help"],
  ["key", "show"],
];

/**
 * Runs the build on a copy of `tree`. What goes wrong is no reason not to have the build: whoever uses it will see.
 * @param {string} build The build's folder.
 * @param {string} tree A folder of some hundred files.
 */
export function compile(build, tree) {
  const scratch = mkdtempSync(join(tmpdir(), "manifold-build-"));
  try {
    const env = { ...process.env, MANIFOLD_COMPILE: "1", XDG_CONFIG_HOME: join(scratch, "config") };
    for (const argv of runs(`${tree}/`, `${scratch}/copy/`)) {
      const command = [join(build, "manifold.mjs"), ...argv];
      spawnSync(process.execPath, command, { env, stdio: "ignore", timeout: 20_000 });
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
