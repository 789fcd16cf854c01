// Lets a new build run on a small tree, so that the engine's compiled form of what it ran is kept
// beside it (load.cjs). A build without that works too, and starts a little slower.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/**
 * Returns what Node is started with to run a build, as words. What is good for the first is told in load.cjs; the second
 * bounds what each thread's engine holds of new objects, in megabytes (docs/decisions/0111-small-nurseries.md).
 */
export function engineFlags() {
  const budget = process.versions.v8.startsWith("11.") ? ["--interrupt-budget=400000"] : [];
  return [...budget, "--max-semi-space-size=4"];
}

/**
 * What is run, in this order: a worker lane on a first copy and on a second, the same in this thread, both ends of a
 * run between two machines, the help, a key.
 */
function runs(from, to, shell) {
  const far = ["-e", shell, "--threads=1"];
  return [
    ["sync", "--threads=1", from, to],
    ["sync", "--threads=1", from, to],
    ["sync", "--threads=2", from, to],
    ["sync", "--threads=2", "-n", from, to],
    ["sync", "-e", shell, `h:${from}`, `${to}2/`],
    ["sync", ...far, from, `h:${to}3/`],
    ["sync", ...far, `h:${from}`, `${to}4/`],
    ["--help"],
    ["key", "show"],
  ];
}

/**
 * Runs the build on a copy of `tree`. What goes wrong is no reason not to have the build: whoever uses it will see.
 * @param {string} build The build's folder.
 * @param {string} tree A folder of some hundred files.
 */
export function compile(build, tree) {
  // Nothing in it is loaded in that form.
  if (!readdirSync(build).some((name) => name.endsWith(".start.cjs"))) return;
  const scratch = mkdtempSync(join(tmpdir(), "manifold-build-"));
  try {
    const env = { ...process.env, MANIFOLD_COMPILE: "1", XDG_CONFIG_HOME: join(scratch, "config") };
    const program = join(build, "manifold.cjs");
    const shell = join(scratch, "shell");
    // The other end is this build, too, but does not write what this end is about to write.
    const flags = engineFlags();
    const other = `#!/bin/sh\nunset MANIFOLD_COMPILE\nexec "${process.execPath}" ${flags.join(" ")} "${program}" agent\n`;
    writeFileSync(shell, other, { mode: 0o755 });
    for (const argv of runs(`${tree}/`, `${scratch}/copy`, shell)) {
      spawnSync(process.execPath, [...flags, program, ...argv], {
        env,
        stdio: "ignore",
        timeout: 20_000,
      });
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
