// Removes builds that nobody needs any more. A running manifold loads parts of its build late, so a
// build that a process may still be using stays, and so do the newest few.

import { readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Builds kept whatever happens: going back and forth between two branches stays quick. */
const keptCount = 3;
/** A younger build may be between its making and its first exec. */
const youngMs = 15 * 60_000;
/** Where the processes of this machine cannot be listed, or run elsewhere, age has to decide. */
const oldMs = 14 * 24 * 3_600_000;

/**
 * Sweeps the folder of builds. The caller holds its lock, so unfinished builds in it are dead ones.
 * @param {string} builds
 * @param {string} current The digest of the build in use from now on.
 */
export function sweep(builds, current) {
  const now = Date.now();
  const names = readdirSync(builds);
  for (const name of names.filter((name) => name.startsWith("tmp-"))) {
    rmSync(join(builds, name), { recursive: true, force: true });
  }
  const finished = names
    .filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== current)
    .map((name) => ({ name, age: now - statSync(join(builds, name)).mtimeMs }))
    .sort((left, right) => left.age - right.age)
    .slice(keptCount - 1)
    .filter(({ age }) => age > youngMs);
  if (finished.length === 0) return;
  const commands = runningCommands();
  for (const { name, age } of finished) {
    const isInUse = commands === undefined ? age < oldMs : commands.includes(name);
    if (!isInUse) remove(builds, name);
  }
}

/** A half-removed build must not look like a whole one: it loses its name first. */
function remove(builds, name) {
  const dying = join(builds, `tmp-${name}`);
  renameSync(join(builds, name), dying);
  rmSync(dying, { recursive: true, force: true });
}

/** Returns the command lines of all processes in one string, undefined where there is no /proc. */
function runningCommands() {
  let commands = "";
  try {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        commands += `${readFileSync(`/proc/${pid}/cmdline`, "latin1")}\n`;
      } catch {
        // That process has ended.
      }
    }
  } catch {
    return undefined;
  }
  return commands;
}
